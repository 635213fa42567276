package dev.inlay.model.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.PrettyPrinter;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * JSON, read strictly and written always alike.
 *
 * <p>Read: strict UTF-8, no byte-order mark, no comments, no NaN literals, no duplicate keys, nothing after the value;
 * nesting at most {@value #MAX_DEPTH}, strings at most {@value #MAX_STRING} characters, numbers at most
 * {@value #MAX_DIGITS} digits. Objects keep the order of their keys.
 *
 * <p>Written: keys sorted, indented by two spaces, one newline at the end.
 */
public final class Json {
    /** Deepest nesting of arrays and objects. */
    public static final int MAX_DEPTH = 64;
    /** Longest string in characters. */
    public static final int MAX_STRING = 20_000_000;
    /** Longest number in digits. */
    public static final int MAX_DIGITS = 100;
    /** Largest file in bytes: several times the largest tokenizer in use. */
    public static final int MAX_FILE = 256 << 20;

    // Canonical names are off: the table of names refuses inputs with many different or colliding keys.
    private static final JsonFactory STRICT = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(MAX_STRING)
                    .maxNumberLength(MAX_DIGITS)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private static final JsonMapper MAPPER = JsonMapper.builder(STRICT)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED)
            .build();

    private Json() {}

    /** The object that a file holds. */
    public static JsonObject readObject(Path file) {
        return object(parse(text(file), file.toString()), file.toString());
    }

    /** The value that a file holds. */
    public static JsonNode read(Path file) {
        return parse(text(file), file.toString());
    }

    /**
     * The object that a text holds.
     *
     * @param where names the source in messages, for example {@code train.jsonl, line 17}
     */
    public static JsonObject parseObject(String text, String where) {
        return object(parse(text, where), where);
    }

    /** The value that a text holds; {@code where} as for {@link #parseObject}. */
    public static JsonNode parse(String text, String where) {
        if (text.startsWith("\uFEFF")) {
            throw InlayException.data("%s: begins with a byte-order mark; save it as UTF-8 without one", where);
        }
        if (text.isBlank()) {
            throw InlayException.data("%s: is empty, JSON is expected", where);
        }
        try (JsonParser parser = STRICT.createParser(text)) {
            JsonNode value = MAPPER.readTree(parser);
            if (parser.nextToken() != null) {
                throw InlayException.data("%s: text follows the JSON value%s", where, place(parser.currentLocation()));
            }
            return value;
        } catch (IOException e) {
            throw broken(where, e);
        }
    }

    /** Pretty bytes of a map, list, {@link JsonNode} or {@link JsonObject}: keys sorted, newline at the end. */
    public static byte[] bytes(Object value) {
        return (text(value, MAPPER.writer(pretty())) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** The same in one line without spaces, as for metadata and line files. */
    public static String line(Object value) {
        return text(value, MAPPER.writer());
    }

    /** Writes {@link #bytes} so that the file appears whole or not at all. */
    public static void write(Path file, Object value) {
        AtomicFile.write(file, bytes(value));
    }

    /** A parser with the limits above, for input too large for a tree. */
    static JsonParser parser(Reader reader) throws IOException {
        return STRICT.createParser(reader);
    }

    static InlayException broken(String where, IOException e) {
        if (e instanceof JsonProcessingException json) {
            String reason = Quoted.shortened(json.getOriginalMessage());
            return InlayException.data("%s: not valid JSON%s: %s", where, place(json.getLocation()), reason)
                    .causedBy(e);
        }
        return InlayException.data("%s: cannot be read: %s", where, e).causedBy(e);
    }

    private static JsonObject object(JsonNode value, String where) {
        if (value instanceof ObjectNode object) {
            return new JsonObject(object, where);
        }
        throw InlayException.data("%s: a JSON object is expected, found %s", where, JsonObject.kind(value));
    }

    private static String text(Path file) {
        return StrictUtf8.decode(RegularFile.read(file, MAX_FILE), file.toString());
    }

    private static String text(Object value, ObjectWriter writer) {
        Object tree = value instanceof JsonObject object ? object.node() : value;
        try {
            return writer.writeValueAsString(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON form: " + e.getOriginalMessage(), e);
        }
    }

    private static String place(@Nullable JsonLocation at) {
        return at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
    }

    private static PrettyPrinter pretty() {
        DefaultIndenter indent = new DefaultIndenter("  ", "\n");
        Separators separators = Separators.createDefaultInstance()
                .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                .withObjectEmptySeparator("")
                .withArrayEmptySeparator("");
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter(separators);
        printer.indentArraysWith(indent);
        printer.indentObjectsWith(indent);
        return printer;
    }
}
