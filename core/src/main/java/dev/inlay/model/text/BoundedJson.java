package dev.inlay.model.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inlay.InlayException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The small JSON and text files around a tokenizer, read within limits: size, nesting, length of strings and numbers. */
final class BoundedJson {
    private static final int DEPTH = 64;
    private static final int STRING = 20_000_000;
    private static final int NUMBER = 100;

    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEPTH)
                            .maxStringLength(STRING)
                            .maxNumberLength(NUMBER)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private BoundedJson() {}

    /** The bytes of a regular file of at most {@code limit} bytes. */
    static byte[] bytes(Path file, long limit) {
        try {
            if (!Files.isRegularFile(file)) {
                throw InlayException.data("%s: expected a file, found none; is this a model directory?", file);
            }
            long size = Files.size(file);
            if (size > limit) {
                throw InlayException.data("%s: %,d bytes, more than the limit of %,d", file, size, limit);
            }
            byte[] bytes = Files.readAllBytes(file);
            if (bytes.length > limit) {
                throw InlayException.data("%s: grew beyond the limit of %,d bytes while being read", file, limit);
            }
            return bytes;
        } catch (IOException e) {
            throw InlayException.data("%s: cannot be read (%s)", file, e.getMessage())
                    .causedBy(e);
        }
    }

    /** Strict UTF-8: a replacement character would silently change what the file says. */
    static String utf8(Path file, byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw InlayException.data("%s: not valid UTF-8", file).causedBy(e);
        }
    }

    /** One JSON object. */
    static JsonNode object(Path file, byte[] bytes) {
        JsonNode root;
        try {
            root = MAPPER.readTree(utf8(file, bytes));
        } catch (JsonProcessingException e) {
            throw InlayException.data(
                            "%s: not valid JSON within the limits, line %d: %s",
                            file, e.getLocation() == null ? 0 : e.getLocation().getLineNr(), e.getOriginalMessage())
                    .causedBy(e);
        }
        if (!root.isObject()) {
            throw InlayException.data("%s: expected one JSON object", file);
        }
        return root;
    }

    static JsonNode object(Path file, long limit) {
        return object(file, bytes(file, limit));
    }
}
