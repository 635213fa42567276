package dev.inlay.app.cli;

import dev.inlay.InlayException;
import dev.inlay.model.generation.GenerationDefaults;
import dev.inlay.model.generation.GenerationOptions;
import dev.inlay.model.generation.Sampling;
import dev.inlay.model.generation.Stops;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How tokens are chosen and what ends a text: the flags, else the model's {@code generation_config.json}. */
@SuppressWarnings("NullAway.Init") // picocli sets what has a default
final class SamplingOptions {
    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            defaultValue = "256",
            description = "Most new tokens of each text. Default: ${DEFAULT-VALUE}.")
    int maxTokens;

    @Option(
            names = "--greedy",
            negatable = true,
            fallbackValue = "true",
            defaultValue = "false",
            description = "Take the best token each time, whatever the model's files say. Default: ${DEFAULT-VALUE}.")
    boolean greedy;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "0 takes the best token each time. This and the next four default to what the model's"
                    + " generation_config.json says, and without it to the best token.")
    @Nullable
    Double temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "Draw from the K best tokens only; 0 for all.")
    @Nullable
    Integer topK;

    @Option(names = "--top-p", paramLabel = "P", description = "Draw from the best tokens that reach this probability.")
    @Nullable
    Double topP;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            description = "Draw from tokens with this share of the best one's probability.")
    @Nullable
    Double minP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "R",
            description = "Above 1 makes tokens rarer that were there before.")
    @Nullable
    Double repetitionPenalty;

    @Option(
            names = "--stop",
            paramLabel = "TEXT",
            description = "End a text before this string; may be given several times.")
    List<String> stop = new ArrayList<>();

    @Option(
            names = "--stop-id",
            paramLabel = "ID",
            split = ",",
            description = "End a text before this token of the vocabulary; may be given several times.")
    List<Integer> stopIds = new ArrayList<>();

    @Option(
            names = "--ignore-eos",
            negatable = true,
            fallbackValue = "true",
            defaultValue = "false",
            description = "Go on behind the tokens that the model's files and template end a text with."
                    + " Default: ${DEFAULT-VALUE}.")
    boolean ignoreEos;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of the draws. Default: ${DEFAULT-VALUE}.")
    long seed;

    /** Flags win over the file; checks both. */
    Sampling sampling(GenerationDefaults defaults) {
        InlayException.require(
                !greedy || temperature == null || temperature == 0,
                "--greedy and --temperature %s contradict each other; give one",
                temperature);
        Sampling base = defaults.sampling();
        return new Sampling(
                greedy ? 0 : or(temperature, base.temperature()),
                topK == null ? base.topK() : topK,
                or(topP, base.topP()),
                or(minP, base.minP()),
                or(repetitionPenalty, base.repetitionPenalty()),
                seed);
    }

    private static double or(@Nullable Double given, double otherwise) {
        return given == null ? otherwise : given;
    }

    /**
     * The options of a request; says what they are and where they come from.
     *
     * @param template that prompts are rendered with, if any; the token that ends its turns ends an answer
     */
    GenerationOptions options(Path model, Tokenizer tokenizer, Optional<ChatTemplate> template, Console console) {
        GenerationDefaults defaults = GenerationDefaults.of(model);
        Sampling sampling = sampling(defaults);
        StopIds stopping = stopIds(tokenizer, template, console);
        defaults.file()
                .filter(file -> !defaults.ignored().isEmpty())
                .ifPresent(file -> console.warn(file + ": " + String.join(", ", defaults.ignored()) + " not applied"));
        console.note("sampling: " + words(sampling)
                + defaults.file()
                        .map(file -> " (flags, else " + file.getFileName() + ")")
                        .orElse("")
                + "; stop ids: " + stopping.names(tokenizer));
        return GenerationOptions.of(sampling, stopping.stops().plus(stop), maxTokens);
    }

    private StopIds stopIds(Tokenizer tokenizer, Optional<ChatTemplate> template, Console console) {
        for (int id : stopIds) {
            InlayException.require(
                    id >= 0 && id < tokenizer.vocabularySize(),
                    "--stop-id %d is no token of the vocabulary, whose ids are 0 to %d",
                    id,
                    tokenizer.vocabularySize() - 1);
        }
        StopIds own = ignoreEos ? new StopIds(Stops.none()) : StopIds.of(tokenizer, template, console);
        return own.plus(stopIds);
    }

    private static String words(Sampling sampling) {
        List<String> words = new ArrayList<>();
        if (sampling.isGreedy()) {
            words.add("the best token each time");
        } else {
            words.add(String.format(Locale.ROOT, "temperature %s", sampling.temperature()));
            add(words, "top-k", sampling.topK(), 0);
            add(words, "top-p", sampling.topP(), 1);
            add(words, "min-p", sampling.minP(), 0);
            words.add("seed " + sampling.seed());
        }
        add(words, "repetition penalty", sampling.repetitionPenalty(), 1);
        return String.join(", ", words);
    }

    private static void add(List<String> words, String name, Number value, double neutral) {
        if (value.doubleValue() != neutral) {
            words.add(name + " " + value);
        }
    }
}
