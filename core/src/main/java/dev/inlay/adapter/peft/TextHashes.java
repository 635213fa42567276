package dev.inlay.adapter.peft;

import dev.inlay.model.files.Fingerprint;
import dev.inlay.model.text.ChatTemplate;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What turns text into tokens at a base: hexadecimal SHA-256, empty where there is none or it is unknown.
 *
 * @param tokenizer of {@code tokenizer.json}
 * @param template of the text of the chat template
 */
public record TextHashes(String tokenizer, String template) {
    /** Nothing is known. */
    public static final TextHashes NONE = new TextHashes("", "");

    /** Those of a model directory; neither file is run. */
    public static TextHashes of(Path model) {
        Path tokenizer = model.resolve("tokenizer.json");
        return new TextHashes(
                Files.exists(tokenizer) ? Fingerprint.sha256(tokenizer) : "",
                ChatTemplate.hash(model).orElse(""));
    }
}
