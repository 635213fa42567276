package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.adapter.peft.Nearest;
import dev.inlay.model.generation.Chat;
import dev.inlay.model.generation.FinishReason;
import dev.inlay.model.generation.Generated;
import dev.inlay.model.generation.GenerationListener;
import dev.inlay.model.generation.GenerationOptions;
import dev.inlay.model.generation.GenerationReport;
import dev.inlay.model.text.Message;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Takes lines, each a turn of the user or a command, and answers them. Answers go to standard output, everything else to
 * standard error.
 *
 * <p>With {@code --json} an answer is one object: {@code turn}, {@code prompt}, {@code text}, {@code finish},
 * {@code prompt_tokens}, of which {@code reused_tokens} were not computed again, {@code tokens},
 * {@code seconds_to_first_token}, {@code tokens_per_second}.
 */
final class ChatLoop {
    /** What a terminal might take for an order. */
    private static final Pattern UNSEEN = Pattern.compile("[\\p{Cntrl}&&[^\n\t]]");

    private static final String USER = "user";

    /** Arguments that must be there, in words. */
    private static final Map<String, String> NEEDED = Map.of("FILE", "a file", "DIR", "a directory", "NAME", "a name");

    private final Branches branches;
    private final GenerationOptions options;
    private final Console console;
    private final StopKey key;
    private final Map<String, Command> commands = new LinkedHashMap<>();
    private String role = USER;
    private String trigger = "";
    private boolean own;
    private boolean over;
    private int turns;

    /** @param argument what follows the command's name in the help; empty if nothing may */
    private record Command(String argument, String help, Consumer<String> action) {}

    ChatLoop(Branches branches, ChatAdapters adapters, GenerationOptions options, Console console, StopKey key) {
        this.branches = branches;
        this.options = options;
        this.console = console;
        this.key = key;
        commands.put("/help", new Command("", "this list", text -> help()));
        commands.put("/reset", new Command("", "forget all turns but the system message", text -> chat().reset()));
        commands.put(
                "/system",
                new Command("TEXT", "set the system message; without TEXT remove it", text -> chat().system(text)));
        commands.put("/undo", new Command("", "take back your last turn and its answer", text -> chat().undo()));
        commands.put("/regenerate", new Command("", "answer your last turn again", text -> regenerate()));
        commands.put("/save", new Command("FILE", "write the conversation to FILE.jsonl", this::save));
        commands.put("/load", new Command("FILE", "go on from a conversation in a file", this::load));
        commands.put("/history", new Command("", "show all turns", text -> history()));
        commands.put(
                "/fork", new Command("NAME", "go on in a copy called NAME, or in the one of that name", this::fork));
        commands.put(
                "/adapter",
                new Command("DIR", "let this adapter answer in place of others", text -> adapters.use(path(text))));
        commands.put("/base", new Command("", "let the bare model answer", text -> adapters.leave()));
        commands.put(
                "/trigger",
                new Command(
                        "TEXT",
                        "end your turns with TEXT, which opens a gate; without TEXT with the adapter's own trigger",
                        this::trigger));
        commands.put(
                "/role",
                new Command("ROLE", "say your turns as this role of the template; without ROLE as user", this::role));
        commands.put("/exit", new Command("", "leave", text -> over = true));
    }

    private Chat chat() {
        return branches.chat();
    }

    private void fork(String name) {
        String kind = branches.go(name) ? "a copy" : "again";
        console.note("in " + name + " (" + kind + "), " + chat().messages().size() + " turns");
    }

    private void trigger(String text) {
        trigger = text;
        own = text.isEmpty();
        if (own) {
            OwnTriggers now = OwnTriggers.of(chat().interventions());
            console.note(
                    "turns end with the trigger of the adapter that answers: " + (now.isEmpty() ? "none now" : now));
        }
    }

    private void role(String name) {
        role = name.isEmpty() ? USER : name;
        console.note("your turns are those of " + role);
    }

    /** Whether the user has left. */
    boolean isOver() {
        return over;
    }

    /** One line; an empty one says nothing. {@code //} begins a turn that begins with a slash. */
    void take(String line) {
        if (line.startsWith("/") && !line.startsWith("//")) {
            command(line);
        } else if (!line.isBlank()) {
            String text = (line.startsWith("//") ? line.substring(1) : line) + trigger;
            int[] ending = own ? OwnTriggers.of(chat().interventions()).ids() : new int[0];
            show(text, chat().say(new Message(role, text), ending, options, listener()));
        }
    }

    private void command(String line) {
        String name = line.split("\\s", 2)[0];
        String argument = line.substring(name.length()).strip();
        Command command = commands.get(name);
        if (command == null) {
            throw InlayException.usage("unknown command \"%s\"", name)
                    .found(name)
                    .nearest(Nearest.to(name, commands.keySet()))
                    .attempt("/help");
        }
        InlayException.require(
                argument.isEmpty() || !command.argument().isEmpty(),
                "%s takes nothing after it, found \"%s\"",
                name,
                argument);
        InlayException.require(
                !argument.isEmpty() || !NEEDED.containsKey(command.argument()),
                "%s needs %s: %s %s",
                name,
                NEEDED.getOrDefault(command.argument(), ""),
                name,
                command.argument());
        command.action().accept(argument);
    }

    private void help() {
        commands.forEach((name, command) -> console.tell(
                String.format(Locale.ROOT, "  %-16s %s", name + " " + command.argument(), command.help())));
        console.tell(
                "  a line is one turn; begin it with // for a turn that begins with a slash; Ctrl-C stops an answer");
    }

    private void history() {
        for (Message message : chat().messages()) {
            console.tell(
                    message.role() + ": " + UNSEEN.matcher(message.content()).replaceAll("\uFFFD"));
        }
    }

    private static Path path(String file) {
        try {
            return Path.of(file);
        } catch (InvalidPathException e) {
            throw InlayException.usage("\"%s\" is no name of a file", file).causedBy(e);
        }
    }

    private void save(String file) {
        Transcript.save(path(file), chat().messages());
        console.note("saved " + chat().messages().size() + " turns to " + file);
    }

    private void load(String file) {
        chat().restore(Transcript.load(path(file)));
        console.note("loaded " + chat().messages().size() + " turns from " + file);
    }

    private void regenerate() {
        GenerationReport report = chat().regenerate(options, listener());
        show(chat().messages().get(chat().messages().size() - 2).content(), report);
        if (options.sampling().isGreedy()) {
            console.note("the best token is taken each time, so an answer comes out the same; see --temperature");
        }
    }

    private GenerationListener listener() {
        key.answering();
        return new GenerationListener() {
            @Override
            public void text(int row, String piece) {
                if (!console.isJson()) {
                    console.piece(piece);
                }
            }

            @Override
            public boolean goesOn(int row) {
                return !key.isPressed();
            }
        };
    }

    private void show(String prompt, GenerationReport report) {
        Generated answer = report.rows().get(0);
        turns++;
        console.result("");
        console.result(json(prompt, report, answer));
        String end = end(answer.reason());
        console.note(String.format(
                Locale.ROOT,
                "[%s%d prompt tokens, %d of them reused, %d new tokens, %.1f tokens/s]",
                end.isEmpty() ? "" : end + "; ",
                answer.promptTokens(),
                report.reusedTokens(),
                answer.tokens().size(),
                report.tokensPerSecond()));
    }

    private String end(FinishReason reason) {
        return switch (reason) {
            case STOP_ID, STOP_STRING -> "";
            case LENGTH -> "cut after " + options.maxNewTokens() + " tokens, see --max-tokens";
            case CONTEXT -> "cut, the model's context is full: /undo turns or /reset";
            case STOPPED -> "stopped";
        };
    }

    private ObjectNode json(String prompt, GenerationReport report, Generated answer) {
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        object.put("turn", turns);
        object.put("prompt", prompt);
        object.put("text", answer.text());
        object.put("finish", answer.reason().name().toLowerCase(Locale.ROOT));
        object.put("prompt_tokens", answer.promptTokens());
        object.put("reused_tokens", report.reusedTokens());
        object.put("tokens", answer.tokens().size());
        object.put("seconds_to_first_token", report.secondsToFirstToken());
        object.put("tokens_per_second", report.tokensPerSecond());
        return object;
    }
}
