package dev.inlay.training.data;

import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Tokenizer;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The small byte-level tokenizer of the test resources: BOS is {@code <s>}, EOS is {@code <|im_end|>}, ChatML. */
final class Fixture {
    private Fixture() {}

    static Path directory() {
        try {
            return Path.of(Fixture.class.getResource("/golden/tokenizer").toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    static Tokenizer tokenizer() {
        return Tokenizer.load(directory());
    }

    static ChatTemplate chatMl() {
        return ChatTemplate.load(directory()).orElseThrow();
    }

    /** The template of a directory that holds nothing else. */
    static ChatTemplate template(Path directory, String source) throws IOException {
        Files.writeString(directory.resolve("chat_template.jinja"), source);
        return ChatTemplate.load(directory).orElseThrow();
    }
}
