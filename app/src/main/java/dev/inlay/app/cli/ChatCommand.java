package dev.inlay.app.cli;

import dev.inlay.InlayException;
import dev.inlay.adapter.peft.AdaptedModel;
import dev.inlay.model.generation.Chat;
import dev.inlay.model.generation.GenerationDefaults;
import dev.inlay.model.generation.GenerationOptions;
import dev.inlay.model.generation.Generator;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Tokenizer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay chat}: a conversation, from a terminal or from lines of standard input. */
@Command(
        name = "chat",
        description = {
            "Talk with a model, or with a model and an adapter, by the model's chat template.",
            "Each line of standard input is a turn of yours, or a command (/help lists them). Answers go to standard"
                    + " output, everything else to standard error. On a terminal a failure is shown and the conversation"
                    + " goes on; elsewhere it ends the command."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what has a default
final class ChatCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    ConfigOption config = new ConfigOption();

    @Option(names = "--system", paramLabel = "TEXT", description = "System message of the conversation.")
    private @Nullable String system;

    @Option(
            names = "--load",
            paramLabel = "FILE",
            description = "Go on from a conversation that /save wrote, or a row of messages. Default: a new one.")
    private @Nullable Path load;

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    ChatCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        sampling.sampling(GenerationDefaults.of(model.model)); // wrong settings show before weights are read
        ChatTemplate template = ChatTemplate.load(model.model)
                .orElseThrow(() -> InlayException.data(
                        "%s has no chat template; add its chat_template.jinja, or continue texts with: inlay generate",
                        model.model));
        try (AdaptedModel loaded = model.load(console);
                Tokenizer tokenizer = Tokenizer.load(model.model)) {
            Generator generator =
                    Generator.of(loaded.decoder(), tokenizer, AdapterUse.all(model.adapters(), loaded, tokenizer));
            console.note("template: " + template.source());
            GenerationOptions options = sampling.options(model.model, tokenizer, Optional.of(template), console);
            try (Branches branches = new Branches(Chat.of(generator, tokenizer, template))) {
                begin(branches.chat());
                converse(branches, loaded, tokenizer, options);
            }
        }
        return 0;
    }

    private void begin(Chat chat) {
        if (load != null) {
            chat.restore(Transcript.load(load));
        }
        if (system != null) {
            chat.system(system);
        }
    }

    private void converse(Branches branches, AdaptedModel loaded, Tokenizer tokenizer, GenerationOptions options)
            throws IOException {
        boolean typed = Console.isTyped();
        if (typed) {
            console.note("/help lists the commands, /exit leaves");
        }
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8.newDecoder()));
        try (StopKey key = new StopKey(console)) {
            ChatAdapters adapters = new ChatAdapters(branches, loaded, tokenizer, model.allow.set(), console);
            ChatLoop loop = new ChatLoop(branches, adapters, options, console, key);
            while (!loop.isOver()) {
                key.waiting();
                if (typed) {
                    console.ask("> ");
                }
                String line = read(lines);
                if (line == null) {
                    return;
                }
                take(loop, line, typed);
            }
        }
    }

    private static @Nullable String read(BufferedReader lines) throws IOException {
        try {
            return lines.readLine();
        } catch (CharacterCodingException e) {
            throw InlayException.data("standard input is not UTF-8; convert it").causedBy(e);
        }
    }

    private void take(ChatLoop loop, String line, boolean typed) {
        try {
            loop.take(line);
        } catch (InlayException e) {
            if (!typed) {
                throw e;
            }
            console.failure(e);
        }
    }
}
