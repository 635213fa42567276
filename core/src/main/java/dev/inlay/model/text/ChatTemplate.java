package dev.inlay.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.model.files.Fingerprint;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.RegularFile;
import dev.inlay.model.files.StrictUtf8;
import dev.inlay.model.text.jinja.Template;
import dev.inlay.model.text.jinja.TemplateException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The chat template of a model directory: turns a conversation into the text that the model was trained on.
 *
 * <p>It is {@code chat_template.jinja} if that file exists, else {@code chat_template} of {@code tokenizer_config.json}: a
 * text, or a list of {@code {name, template}} of which the one named {@code default} is taken. Conversations with tools
 * take the one named {@code tool_use} ({@code additional_chat_templates/tool_use.jinja}) where there is one. The language
 * is Jinja with {@code trim_blocks} and {@code lstrip_blocks} ({@link Template}). A template gets {@code messages} (the
 * fields of each {@link Message}), {@code add_generation_prompt}, {@code tools} (none or a list), {@code documents}
 * (none), and the special tokens that the files name ({@code bos_token}, {@code eos_token}, ...). Immutable and
 * thread-safe.
 */
public final class ChatTemplate {
    private static final int LIMIT = 4_000_000;
    private static final String FILE = "chat_template.jinja";
    private static final String TOOLS_FILE = "additional_chat_templates/tool_use.jinja";
    private static final String DEFAULT = "default";
    private static final String FOR_TOOLS = "tool_use";
    private static final String CONFIG = "tokenizer_config.json";

    private final String origin;
    private final String text;
    private final Template template;
    private final Map<String, String> tokens;
    private final @Nullable ChatTemplate forTools;

    private ChatTemplate(
            String origin,
            String text,
            Template template,
            Map<String, String> tokens,
            @Nullable ChatTemplate forTools) {
        this.origin = origin;
        this.text = text;
        this.template = template;
        this.tokens = Map.copyOf(tokens);
        this.forTools = forTools;
    }

    /**
     * A template that does not come from a model directory.
     *
     * @param origin its name in errors
     * @param text the template
     * @param tokens special tokens by name: {@code bos_token}, {@code eos_token}, ...
     */
    public static ChatTemplate of(String origin, String text, Map<String, String> tokens) {
        return of(origin, text, tokens, Clock.system(ZoneId.systemDefault()));
    }

    /** Like {@link #of}, with the time that {@code strftime_now} tells. */
    static ChatTemplate of(String origin, String text, Map<String, String> tokens, Clock clock) {
        try {
            return new ChatTemplate(origin, text, Template.read(text, clock), tokens, null);
        } catch (TemplateException e) {
            throw failure(origin, "cannot be read", e);
        }
    }

    /** The template of a model directory; empty if it has none. */
    public static Optional<ChatTemplate> load(Path modelDirectory) {
        Map<String, String> tokens = TokenizerSettings.read(modelDirectory).named();
        Map<String, Source> sources = sources(modelDirectory);
        return Optional.ofNullable(sources.get(DEFAULT))
                .map(source -> source.read(tokens)
                        .withTools(Optional.ofNullable(sources.get(FOR_TOOLS)).map(other -> other.read(tokens))));
    }

    /** What {@link #sha256} gives of the template of a model directory, which need not be one that we can render. */
    public static Optional<String> hash(Path modelDirectory) {
        Map<String, Source> sources = sources(modelDirectory);
        return Optional.ofNullable(sources.get(DEFAULT))
                .map(source -> hash(
                        source.text(),
                        Optional.ofNullable(sources.get(FOR_TOOLS)).map(Source::text)));
    }

    private static String hash(String text, Optional<String> forTools) {
        return Fingerprint.sha256(forTools.map(other -> text + "\0" + other).orElse(text));
    }

    /** A template that is not yet read. */
    private record Source(String origin, String text) {
        ChatTemplate read(Map<String, String> tokens) {
            return of(origin, text, tokens);
        }
    }

    /** The templates of a model directory by name: of files of their own, or else of {@code tokenizer_config.json}. */
    private static Map<String, Source> sources(Path modelDirectory) {
        Map<String, Source> sources = new HashMap<>();
        Path file = modelDirectory.resolve(FILE);
        Path config = modelDirectory.resolve(CONFIG);
        if (Files.exists(file)) {
            sources.put(DEFAULT, source(file));
            Path toolsFile = modelDirectory.resolve(TOOLS_FILE);
            if (Files.exists(toolsFile)) {
                sources.put(FOR_TOOLS, source(toolsFile));
            }
        } else if (Files.exists(config)) {
            named(config, Json.readObject(config).get("chat_template"))
                    .forEach((name, text) -> sources.put(name, new Source(config + " (chat_template)", text)));
        }
        return sources;
    }

    private static Source source(Path file) {
        return new Source(file.toString(), StrictUtf8.decode(RegularFile.read(file, LIMIT), file.toString()));
    }

    /** The texts that matter, by name. */
    private static Map<String, String> named(Path config, JsonNode key) {
        if (key.isMissingNode() || key.isNull()) {
            return Map.of();
        }
        if (key.isTextual()) {
            return Map.of(DEFAULT, key.asText());
        }
        Map<String, String> named = new HashMap<>();
        for (JsonNode entry : key) {
            String name = entry.path("name").asText();
            if (entry.path("template").isTextual() && (name.equals(DEFAULT) || name.equals(FOR_TOOLS))) {
                named.putIfAbsent(name, entry.path("template").asText());
            }
        }
        if (!named.containsKey(DEFAULT)) {
            throw InlayException.data(
                    "%s: chat_template must be a text, or a list of {name, template} with one named default", config);
        }
        return named;
    }

    private ChatTemplate withTools(Optional<ChatTemplate> other) {
        return new ChatTemplate(origin, text, template, tokens, other.orElse(null));
    }

    /**
     * Renders a conversation.
     *
     * @param addGenerationPrompt whether the text ends where the assistant begins to speak
     * @throws InlayException of kind DATA if the template fails or refuses the conversation, or leaves out its tools or
     *     their calls
     */
    public Rendered render(Conversation conversation, boolean addGenerationPrompt) {
        if (forTools != null && !conversation.tools().isEmpty()) {
            return forTools.render(conversation, addGenerationPrompt);
        }
        Rendered rendered = rendered(conversation, addGenerationPrompt);
        if (!conversation.tools().isEmpty()) {
            requireOther(rendered, Conversation.of(conversation.messages()), addGenerationPrompt, "tools");
        }
        if (conversation.messages().stream().anyMatch(ChatTemplate::calls)) {
            List<Message> silent = conversation.messages().stream()
                    .map(message -> calls(message) ? new Message(message.role(), message.content()) : message)
                    .toList();
            requireOther(rendered, conversation.withMessages(silent), addGenerationPrompt, "tool_calls");
        }
        return rendered;
    }

    private static boolean calls(Message message) {
        return message.fields().get("tool_calls") != null;
    }

    /** What a template leaves out would be missing without a word. */
    private void requireOther(Rendered with, Conversation without, boolean prompt, String what) {
        boolean ignored;
        try {
            ignored = with.text().equals(rendered(without, prompt).text());
        } catch (InlayException e) {
            ignored = false;
        }
        if (ignored) {
            throw InlayException.data(
                    "%s: the chat template leaves out %s; remove them, or write them into the messages", origin, what);
        }
    }

    private Rendered rendered(Conversation conversation, boolean addGenerationPrompt) {
        Map<String, @Nullable Object> variables = new HashMap<>(tokens);
        variables.put(
                "messages",
                conversation.messages().stream().map(Message::fields).toList());
        variables.put("add_generation_prompt", addGenerationPrompt);
        variables.put("tools", conversation.tools().isEmpty() ? null : conversation.tools());
        variables.put("documents", null);
        try {
            Template.Result result = template.render(variables);
            return new Rendered(
                    result.text(),
                    result.generated().stream()
                            .map(range -> new Span(range[0], range[1]))
                            .toList());
        } catch (TemplateException e) {
            throw failure(origin, "refuses or fails", e);
        }
    }

    private static InlayException failure(String origin, String what, TemplateException e) {
        return InlayException.data("%s: the chat template %s, line %d: %s", origin, what, e.line(), e.getMessage())
                .causedBy(e);
    }

    /** The hash of the template's text; of both texts where tools have their own. */
    public String sha256() {
        return hash(text, Optional.ofNullable(forTools).map(other -> other.text));
    }

    /** Where the template came from. */
    public String source() {
        return origin;
    }
}
