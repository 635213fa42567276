package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.adapter.peft.AdaptedModel;
import dev.inlay.model.files.RegularFile;
import dev.inlay.model.files.StrictUtf8;
import dev.inlay.model.generation.Generated;
import dev.inlay.model.generation.GenerationListener;
import dev.inlay.model.generation.GenerationOptions;
import dev.inlay.model.generation.GenerationReport;
import dev.inlay.model.generation.Generator;
import dev.inlay.model.generation.Sampling;
import dev.inlay.model.generation.Stops;
import dev.inlay.model.text.ChatPrompt;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Message;
import dev.inlay.model.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay generate}: continues prompts. Standard output holds the generated text and nothing else. */
@Command(
        name = "generate",
        description = {
            "Continue prompts with a model, or with a model and an adapter.",
            "A prompt is a message to the assistant if the model has a chat template, else (or with --raw) a text to"
                    + " continue. Only the generated text goes to standard output."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what has a default
final class GenerateCommand implements Callable<Integer> {
    private static final int PROMPT_LIMIT = 16 << 20;

    private final Console console;

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    ConfigOption config = new ConfigOption();

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            description = "What to continue; may be given several times. Default: standard input.")
    private List<String> prompts = new ArrayList<>();

    @Option(
            names = "--prompt-file",
            paramLabel = "FILE",
            description = "A file whose whole text is a prompt; may be given several times.")
    private List<Path> promptFiles = new ArrayList<>();

    @Option(names = "--system", paramLabel = "TEXT", description = "System message of the chat template.")
    private @Nullable String system;

    @Option(
            names = "--raw",
            negatable = true,
            fallbackValue = "true",
            defaultValue = "false",
            description = "Continue the text itself, without the chat template. Default: ${DEFAULT-VALUE}.")
    private boolean raw;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            defaultValue = "256",
            description = "Most new tokens of each prompt. Default: ${DEFAULT-VALUE}.")
    private int maxTokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0",
            description = "0 takes the best token each time. Default: ${DEFAULT-VALUE}.")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            defaultValue = "0",
            description = "Draw from the K best tokens only; 0 for all. Default: ${DEFAULT-VALUE}.")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            defaultValue = "1",
            description = "Draw from the best tokens that reach this probability. Default: ${DEFAULT-VALUE}.")
    private double topP;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            defaultValue = "0",
            description = "Draw from tokens with this share of the best one's probability. Default: ${DEFAULT-VALUE}.")
    private double minP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "R",
            defaultValue = "1",
            description = "Above 1 makes tokens rarer that were there before. Default: ${DEFAULT-VALUE}.")
    private double repetitionPenalty;

    @Option(
            names = "--stop",
            paramLabel = "TEXT",
            description = "End a text before this string; may be given several times.")
    private List<String> stop = new ArrayList<>();

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of the draws. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    private ThreadOption threads = new ThreadOption();

    GenerateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Sampling sampling = new Sampling(temperature, topK, topP, minP, repetitionPenalty, seed);
        List<String> texts = texts();
        try (AdaptedModel loaded = model.load(console);
                Tokenizer tokenizer = Tokenizer.load(model.model)) {
            Generator generator = Generator.of(loaded.decoder(), tokenizer, loaded.interventions());
            Stops stops = Stops.of(tokenizer).plus(stop);
            GenerationOptions options =
                    GenerationOptions.of(sampling, stops, maxTokens).withThreads(threads.count());
            show(generator.generate(encoded(texts, tokenizer), options, listener(texts.size())), texts);
        }
        return 0;
    }

    private List<String> texts() throws IOException {
        List<String> texts = new ArrayList<>(prompts);
        for (Path file : promptFiles) {
            texts.add(StrictUtf8.decode(RegularFile.read(file, PROMPT_LIMIT), file.toString()));
        }
        if (texts.isEmpty()) {
            console.note("reading the prompt from standard input");
            texts.add(StrictUtf8.decode(System.in.readNBytes(PROMPT_LIMIT), "standard input"));
        }
        return texts;
    }

    private List<int[]> encoded(List<String> texts, Tokenizer tokenizer) {
        Optional<ChatTemplate> template = raw ? Optional.empty() : ChatTemplate.load(model.model);
        InlayException.require(
                system == null || template.isPresent(),
                "--system needs a chat template, and %s; put the text into the prompt",
                raw ? "--raw goes without" : model.model + " has none");
        return texts.stream()
                .map(text -> template.map(chat -> ChatPrompt.encode(tokenizer, chat, messages(text)))
                        .orElseGet(() -> tokenizer.encode(text)))
                .toList();
    }

    private List<Message> messages(String text) {
        Message user = new Message("user", text);
        return system == null ? List.of(user) : List.of(new Message("system", system), user);
    }

    /** The text of a single prompt is shown while it grows. */
    private GenerationListener listener(int count) {
        return count == 1 && !console.isJson() ? (row, piece) -> console.piece(piece) : GenerationListener.NONE;
    }

    private void show(GenerationReport report, List<String> texts) {
        List<Generated> rows = report.rows();
        if (rows.size() == 1) {
            console.result("");
        } else {
            rows.forEach(row -> console.result(row.text()));
        }
        console.result(json(report, texts));
        console.note(String.format(
                Locale.ROOT,
                "%d prompt tokens, %d new tokens; first token after %.3f s, then %.1f tokens/s",
                report.promptTokens(),
                report.newTokens(),
                report.secondsToFirstToken(),
                report.tokensPerSecond()));
    }

    private static ObjectNode json(GenerationReport report, List<String> texts) {
        ObjectNode result = JsonMapper.builder().build().createObjectNode();
        for (int i = 0; i < texts.size(); i++) {
            Generated row = report.rows().get(i);
            ObjectNode object = result.withArray("results").addObject();
            object.put("prompt", texts.get(i));
            object.put("text", row.text());
            object.put("finish", row.reason().name().toLowerCase(Locale.ROOT));
            object.put("prompt_tokens", row.promptTokens());
            object.put("tokens", row.tokens().size());
        }
        result.put("seconds_to_first_token", report.secondsToFirstToken());
        result.put("tokens_per_second", report.tokensPerSecond());
        return result;
    }
}
