package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.adapter.peft.AdaptedModel;
import dev.inlay.model.Intervention;
import dev.inlay.model.Reading;
import dev.inlay.model.files.RegularFile;
import dev.inlay.model.files.StrictUtf8;
import dev.inlay.model.generation.GenerationDefaults;
import dev.inlay.model.generation.GenerationOptions;
import dev.inlay.model.generation.GenerationReport;
import dev.inlay.model.generation.Generator;
import dev.inlay.model.generation.Listening;
import dev.inlay.model.generation.Prompt;
import dev.inlay.model.text.ChatPrompt;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Conversation;
import dev.inlay.model.text.Message;
import dev.inlay.model.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay generate}: continues prompts. Standard output holds the generated text and nothing else. */
@Command(
        name = "generate",
        description = {
            "Continue prompts with a model, or with a model and adapters.",
            "A prompt is a message to the assistant if the model has a chat template, else (or with --raw) a text to"
                    + " continue. Only the generated text goes to standard output, each as soon as it and those before it"
                    + " have ended."
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

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description =
                    "JSON lines, each a prompt and, where it is not that of the command, its own adapter: {\"prompt\":"
                            + " TEXT, \"adapter\": DIR or [DIR, ...], \"weights\": [W, ...]}; [] for the bare model. In"
                            + " place of prompt: messages, or ids and open, as in training data.")
    private @Nullable Path rows;

    @Option(
            names = "--trigger",
            negatable = true,
            fallbackValue = "true",
            defaultValue = "false",
            description = "End what is asked with the trigger of its adapter, as tokens. Default: ${DEFAULT-VALUE}.")
    private boolean trigger;

    @Option(names = "--system", paramLabel = "TEXT", description = "System message of the chat template.")
    private @Nullable String system;

    @Option(
            names = "--raw",
            negatable = true,
            fallbackValue = "true",
            defaultValue = "false",
            description = "Continue the text itself, without the chat template. Default: ${DEFAULT-VALUE}.")
    private boolean raw;

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Mixin
    private ThreadOption threads = new ThreadOption();

    GenerateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        sampling.sampling(GenerationDefaults.of(model.model)); // wrong settings show before weights are read
        List<PromptRow> asked = asked();
        List<AdapterUse> uses =
                asked.stream().flatMap(row -> row.adapters().stream()).toList();
        try (AdaptedModel loaded = model.load(uses, console);
                Tokenizer tokenizer = Tokenizer.load(model.model)) {
            Generator generator = Generator.of(loaded.decoder(), tokenizer, List.of());
            Optional<ChatTemplate> template = template();
            GenerationOptions options =
                    sampling.options(model.model, tokenizer, template, console).withThreads(threads.count());
            List<Prompt> encoded = encoded(asked, tokenizer, template, loaded);
            show(generate(generator, encoded, options, asked));
        }
        return 0;
    }

    private List<PromptRow> asked() throws IOException {
        List<AdapterUse> usual = model.adapters();
        List<PromptRow> asked = new ArrayList<>();
        prompts.forEach(text -> asked.add(new PromptRow(text, usual)));
        for (Path file : promptFiles) {
            String text = StrictUtf8.decode(RegularFile.read(file, PROMPT_LIMIT), file.toString());
            asked.add(new PromptRow(text, usual));
        }
        if (rows != null) {
            asked.addAll(PromptRow.read(rows, usual));
        }
        if (asked.isEmpty()) {
            console.note("reading the prompt from standard input");
            String text = StrictUtf8.decode(System.in.readNBytes(PROMPT_LIMIT), "standard input");
            asked.add(new PromptRow(text, usual));
        }
        return asked;
    }

    private Optional<ChatTemplate> template() {
        Optional<ChatTemplate> template = raw ? Optional.empty() : ChatTemplate.load(model.model);
        InlayException.require(
                system == null || template.isPresent(),
                "--system needs a chat template, and %s; put the text into the prompt",
                raw ? "--raw goes without" : model.model + " has none");
        return template;
    }

    private List<Prompt> encoded(
            List<PromptRow> asked, Tokenizer tokenizer, Optional<ChatTemplate> template, AdaptedModel loaded) {
        return asked.stream()
                .map(row -> {
                    List<Intervention> adapters = AdapterUse.all(row.adapters(), loaded, tokenizer);
                    return new Prompt(reading(row, tokenizer, template, adapters), adapters, Listening.TO_GIVEN);
                })
                .toList();
    }

    private Reading reading(
            PromptRow row, Tokenizer tokenizer, Optional<ChatTemplate> template, List<Intervention> adapters) {
        if (row.tokens().isPresent()) {
            InlayException.require(
                    !trigger && system == null,
                    "--trigger and --system are for prompts, and a row has ids, which are read as they are");
            tokenizer.requireIds(row.tokens().get().ids());
            return row.tokens().get();
        }
        int[] ending = trigger ? ending(adapters) : new int[0];
        int[] ids = template.map(chat -> {
                    Conversation asked = messages(row);
                    List<int[]> endings =
                            new ArrayList<>(Collections.nCopies(asked.messages().size(), new int[0]));
                    endings.set(endings.size() - 1, ending);
                    return ChatPrompt.encode(tokenizer, chat, asked, endings);
                })
                .orElseGet(() -> IntStream.concat(Arrays.stream(plain(row, tokenizer)), Arrays.stream(ending))
                        .toArray());
        return Reading.of(ids);
    }

    private static int[] ending(List<Intervention> adapters) {
        OwnTriggers own = OwnTriggers.of(adapters);
        InlayException.require(
                !own.isEmpty(),
                "--trigger, and the adapter of a prompt waits for none (inlay info shows); leave it out");
        return own.ids();
    }

    private int[] plain(PromptRow row, Tokenizer tokenizer) {
        InlayException.require(
                row.conversation().isEmpty(),
                "rows of messages need a chat template, and %s; give prompts instead",
                raw ? "--raw goes without" : model.model + " has none");
        return tokenizer.encode(row.text());
    }

    private Conversation messages(PromptRow row) {
        if (row.conversation().isPresent()) {
            InlayException.require(
                    system == null, "--system is for prompts, and a row has messages; put the system message into it");
            return row.conversation().get();
        }
        Message user = new Message("user", row.text());
        return system == null ? Conversation.of(user) : Conversation.of(new Message("system", system), user);
    }

    /** Where the texts themselves come to the screen, they are the progress. */
    private GenerationReport generate(
            Generator generator, List<Prompt> prompts, GenerationOptions options, List<PromptRow> asked) {
        if (asked.size() == 1 || Console.isShown()) {
            return generator.generateEach(prompts, options, new RowsInOrder(asked, console, done -> {}));
        }
        try (WorkBar bar = new WorkBar(console, "prompts", asked.size())) {
            return generator.generateEach(prompts, options, new RowsInOrder(asked, console, bar));
        }
    }

    private void show(GenerationReport report) {
        console.result(json(report));
        console.note(String.format(
                Locale.ROOT,
                "%d prompt tokens%s, %d new tokens; first token after %.3f s, then %.1f tokens/s",
                report.promptTokens(),
                shared(report),
                report.newTokens(),
                report.secondsToFirstToken(),
                report.tokensPerSecond()));
    }

    /** What of the prompts was not read, because all begin with it and no adapter acts there. */
    private static String shared(GenerationReport report) {
        return report.reusedTokens() == 0
                ? ""
                : String.format(Locale.ROOT, " (%d of them not read again: all begin alike)", report.reusedTokens());
    }

    private static ObjectNode json(GenerationReport report) {
        ObjectNode summary = JsonMapper.builder().build().createObjectNode();
        summary.put("rows", report.rows().size());
        summary.put("prompt_tokens", report.promptTokens());
        summary.put("reused_tokens", report.reusedTokens());
        summary.put("tokens", report.newTokens());
        summary.put("seconds_to_first_token", report.secondsToFirstToken());
        summary.put("tokens_per_second", report.tokensPerSecond());
        return summary;
    }
}
