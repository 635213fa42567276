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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The chat template of a model directory: turns a conversation into the text that the model was trained on.
 *
 * <p>It is {@code chat_template.jinja} if that file exists, else {@code chat_template} of {@code tokenizer_config.json}: a
 * text, or a list of {@code {name, template}} of which the one named {@code default} is taken. The language is Jinja with
 * {@code trim_blocks} and {@code lstrip_blocks} ({@link Template}). A template gets {@code messages}
 * ({@code [{role, content}]}), {@code add_generation_prompt}, {@code tools} and {@code documents} (none), and the special
 * tokens that the files name ({@code bos_token}, {@code eos_token}, ...). Immutable and thread-safe.
 */
public final class ChatTemplate {
    private static final int LIMIT = 4_000_000;
    private static final String FILE = "chat_template.jinja";
    private static final String CONFIG = "tokenizer_config.json";

    private final String origin;
    private final String text;
    private final Template template;
    private final Map<String, String> tokens;

    private ChatTemplate(String origin, String text, Map<String, String> tokens, Clock clock) {
        this.origin = origin;
        this.text = text;
        this.tokens = Map.copyOf(tokens);
        try {
            template = Template.read(text, clock);
        } catch (TemplateException e) {
            throw failure("cannot be read", e);
        }
    }

    /**
     * A template that does not come from a model directory.
     *
     * @param origin its name in errors
     * @param text the template
     * @param tokens special tokens by name: {@code bos_token}, {@code eos_token}, ...
     */
    public static ChatTemplate of(String origin, String text, Map<String, String> tokens) {
        return new ChatTemplate(origin, text, tokens, Clock.system(ZoneId.systemDefault()));
    }

    /** Like {@link #of}, with the time that {@code strftime_now} tells. */
    static ChatTemplate of(String origin, String text, Map<String, String> tokens, Clock clock) {
        return new ChatTemplate(origin, text, tokens, clock);
    }

    /** The template of a model directory; empty if it has none. */
    public static Optional<ChatTemplate> load(Path modelDirectory) {
        Map<String, String> tokens = TokenizerSettings.read(modelDirectory).named();
        return find(modelDirectory).map(found -> of(found.origin(), found.text(), tokens));
    }

    /** What {@link #sha256} gives of the template of a model directory, which need not be one that we can render. */
    public static Optional<String> hash(Path modelDirectory) {
        return find(modelDirectory).map(found -> Fingerprint.sha256(found.text()));
    }

    /** A template that is not yet read. */
    private record Source(String origin, String text) {}

    private static Optional<Source> find(Path modelDirectory) {
        Path file = modelDirectory.resolve(FILE);
        if (Files.exists(file)) {
            String text = StrictUtf8.decode(RegularFile.read(file, LIMIT), file.toString());
            return Optional.of(new Source(file.toString(), text));
        }
        Path config = modelDirectory.resolve(CONFIG);
        if (!Files.exists(config)) {
            return Optional.empty();
        }
        JsonNode key = Json.readObject(config).get("chat_template");
        return chosen(config, key).map(text -> new Source(config + " (chat_template)", text));
    }

    private static Optional<String> chosen(Path config, JsonNode key) {
        if (key.isMissingNode() || key.isNull()) {
            return Optional.empty();
        }
        if (key.isTextual()) {
            return Optional.of(key.asText());
        }
        for (JsonNode entry : key) {
            if (entry.path("name").asText().equals("default")
                    && entry.path("template").isTextual()) {
                return Optional.of(entry.path("template").asText());
            }
        }
        throw InlayException.data(
                "%s: chat_template must be a text, or a list of {name, template} with one named default", config);
    }

    /**
     * Renders a conversation.
     *
     * @param addGenerationPrompt whether the text ends where the assistant begins to speak
     * @throws InlayException of kind DATA if the template fails or refuses the conversation
     */
    public Rendered render(List<Message> messages, boolean addGenerationPrompt) {
        Map<String, @Nullable Object> variables = new HashMap<>(tokens);
        variables.put("messages", messages.stream().map(ChatTemplate::variables).toList());
        variables.put("add_generation_prompt", addGenerationPrompt);
        variables.put("tools", null);
        variables.put("documents", null);
        try {
            Template.Result result = template.render(variables);
            return new Rendered(
                    result.text(),
                    result.generated().stream()
                            .map(range -> new Span(range[0], range[1]))
                            .toList());
        } catch (TemplateException e) {
            throw failure("refuses or fails", e);
        }
    }

    /** In this order, should a template print the whole. */
    private static Map<String, String> variables(Message message) {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("role", message.role());
        variables.put("content", message.content());
        return variables;
    }

    private InlayException failure(String what, TemplateException e) {
        return InlayException.data("%s: the chat template %s, line %d: %s", origin, what, e.line(), e.getMessage())
                .causedBy(e);
    }

    /** The hash of the template's text. */
    public String sha256() {
        return Fingerprint.sha256(text);
    }

    /** Where the template came from. */
    public String source() {
        return origin;
    }
}
