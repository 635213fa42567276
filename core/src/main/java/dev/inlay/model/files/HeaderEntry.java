package dev.inlay.model.files;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.inlay.InlayException;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads one tensor's entry of a safetensors header: checks 7 to 9 and the order of its two offsets. */
final class HeaderEntry {
    private final String name;
    private final String file;
    private @Nullable StoredType type;
    private long @Nullable [] shape;
    private long @Nullable [] offsets;

    HeaderEntry(String name, String file) {
        this.name = name;
        this.file = file;
    }

    /** The parser stands on the entry's value; {@code notes} takes a line about each key that is not known. */
    StoredTensor read(JsonParser parser, Consumer<String> notes) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw InlayException.data("%s must be an object, found %s", where(), SafetensorsHeader.found(parser));
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            switch (key) {
                case "dtype" -> type = type(parser);
                case "shape" -> shape = integers(parser, key);
                case "data_offsets" -> offsets = integers(parser, key);
                default -> {
                    notes.accept(where() + ": the extra key " + Quoted.name(key) + " is ignored");
                    parser.skipChildren();
                }
            }
        }
        return checked();
    }

    private StoredTensor checked() {
        StoredType type = present(this.type, "dtype");
        long[] shape = present(this.shape, "shape");
        long[] offsets = present(this.offsets, "data_offsets");
        if (offsets.length != 2) {
            throw InlayException.data(
                    "%s: data_offsets must be two numbers, found %s",
                    where(), Quoted.shortened(Arrays.toString(offsets)));
        }
        long bytes = StoredTensor.bytes(type, shape, where());
        if (offsets[0] > offsets[1]) {
            throw InlayException.data("%s: data_offsets are reversed: %d, %d", where(), offsets[0], offsets[1]);
        }
        if (bytes != offsets[1] - offsets[0]) {
            throw InlayException.data(
                    "%s: shape %s of %s takes %d bytes, data_offsets hold %d",
                    where(), Quoted.shortened(Arrays.toString(shape)), type, bytes, offsets[1] - offsets[0]);
        }
        return new StoredTensor(name, type, shape, offsets[0], offsets[1]);
    }

    private StoredType type(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw InlayException.data("%s: dtype must be a string, found %s", where(), SafetensorsHeader.found(parser));
        }
        String text = parser.getText();
        return StoredType.named(text)
                .orElseThrow(() -> InlayException.data(
                        "%s: unknown dtype %s; known are %s",
                        where(), Quoted.name(text), Arrays.toString(StoredType.values())));
    }

    /** Exact non-negative integers, never by way of a floating-point number. */
    private long[] integers(JsonParser parser, String key) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw InlayException.data(
                    "%s: %s must be a list of integers, found %s", where(), key, SafetensorsHeader.found(parser));
        }
        long[] values = new long[4];
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (count == values.length) {
                values = Arrays.copyOf(values, 2 * count);
            }
            values[count++] = integer(parser, key);
        }
        return Arrays.copyOf(values, count);
    }

    private long integer(JsonParser parser, String key) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
                || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                || parser.getText().startsWith("-")) {
            throw InlayException.data(
                    "%s: %s must hold integers from 0 to %d, found %s",
                    where(), key, Long.MAX_VALUE, SafetensorsHeader.found(parser));
        }
        return parser.getLongValue();
    }

    private <T> T present(@Nullable T value, String key) {
        if (value == null) {
            throw InlayException.data("%s: %s is missing", where(), key);
        }
        return value;
    }

    private String where() {
        return file + ": tensor " + Quoted.name(name);
    }
}
