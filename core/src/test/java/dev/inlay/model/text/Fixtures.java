package dev.inlay.model.text;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The committed small tokenizer and damaged copies of it. */
final class Fixtures {
    static final ObjectMapper JSON = new ObjectMapper();

    private Fixtures() {}

    static Path resource(String name) {
        try {
            return Path.of(Fixtures.class.getResource("/golden/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    static JsonNode json(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int[] ints(JsonNode list) {
        return JSON.convertValue(list, int[].class);
    }

    /** Turns with all their fields. */
    static List<Message> messages(JsonNode list) {
        return JSON.convertValue(list, new TypeReference<List<Map<String, Object>>>() {}).stream()
                .map(Message::new)
                .toList();
    }

    /** A directory with the small tokenizer, changed. */
    static Path changed(Path directory, Consumer<ObjectNode> change) {
        ObjectNode root = (ObjectNode) json(resource("tokenizer/tokenizer.json"));
        change.accept(root);
        return written(directory, root.toString());
    }

    static Path written(Path directory, String tokenizerJson) {
        try {
            Files.writeString(directory.resolve("tokenizer.json"), tokenizerJson);
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ObjectNode node(String json) {
        try {
            return (ObjectNode) JSON.readTree(json.replace('\'', '"'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
