package dev.inlay.model.files;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.inlay.InlayException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the header of a safetensors file: one JSON object of entries
 * {@code "name": {"dtype": "F32", "shape": [r, c], "data_offsets": [begin, end]}} and optionally {@code __metadata__}, an
 * object of strings. Checks 3 to 10 of the reader; {@link SafetensorsFile} has the others.
 *
 * <p>The text is parsed twice, first for its form alone, so that a header that is not JSON is never reported as something
 * else. A stream, not a tree: a million entries take a second or two.
 */
final class SafetensorsHeader {
    static final String METADATA = "__metadata__";
    /** An extra key is harmless; a header full of them must not fill the memory with notes. */
    private static final int MOST_NOTES = 20;

    private final String file;
    private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();

    private SafetensorsHeader(String file) {
        this.file = file;
    }

    /** Checks and takes apart the header; {@code file} names the source in messages. */
    static SafetensorsHeader parse(byte[] header, String file) {
        SafetensorsHeader result = new SafetensorsHeader(file);
        StrictUtf8.check(header, file + ": header");
        result.checkForm(header);
        result.readEntries(header);
        result.checkRanges();
        return result;
    }

    /** In the order of the header. */
    Map<String, StoredTensor> tensors() {
        return tensors;
    }

    Map<String, String> metadata() {
        return metadata;
    }

    List<String> notes() {
        return notes;
    }

    /** End of the last tensor, counted from the start of the data. */
    long end() {
        return tensors.values().stream().mapToLong(StoredTensor::end).max().orElse(0);
    }

    private void checkForm(byte[] header) {
        int last = header.length - 1;
        while (last >= 0 && header[last] == ' ') {
            last--;
        }
        try (JsonParser parser = parser(header)) {
            JsonToken first = parser.nextToken();
            if (first != JsonToken.START_OBJECT) {
                throw InlayException.data(
                        "%s: header must be a JSON object, found %s", file, first == null ? "nothing" : first.name());
            }
            parser.skipChildren();
            if (header[last] != '}' || parser.nextToken() != null) {
                throw InlayException.data("%s: text follows the header's JSON object; only spaces may", file);
            }
        } catch (IOException e) {
            throw Json.broken(file + ": header", e);
        }
    }

    private void readEntries(byte[] header) {
        try (JsonParser parser = parser(header)) {
            parser.disable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION); // found by the first pass
            parser.nextToken();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                parser.nextToken();
                if (name.equals(METADATA)) {
                    readMetadata(parser);
                } else {
                    checkName(name, file);
                    tensors.put(name, new HeaderEntry(name, file).read(parser, this::note));
                }
            }
        } catch (IOException e) {
            throw Json.broken(file + ": header", e);
        }
    }

    private void readMetadata(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw InlayException.data("%s: %s must be an object, found %s", file, METADATA, found(parser));
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            if (parser.nextToken() != JsonToken.VALUE_STRING) {
                throw InlayException.data(
                        "%s: %s, key %s must be a string, found %s", file, METADATA, Quoted.name(key), found(parser));
            }
            metadata.put(key, parser.getText());
        }
    }

    /** Names are shown, logged and looked up: what could deceive there is refused. */
    static void checkName(String name, String where) {
        for (int i = 0; i < name.length(); i++) {
            if (Character.isISOControl(name.charAt(i)) || halfPair(name, i)) {
                throw InlayException.data(
                        "%s: tensor name %s holds a control character or half a surrogate pair",
                        where, Quoted.name(name));
            }
        }
        if (name.contains("..") && Arrays.asList(name.split("[/\\\\]", -1)).contains("..")) {
            throw InlayException.data(
                    "%s: tensor name %s looks like a path that leads upwards", where, Quoted.name(name));
        }
    }

    private static boolean halfPair(String text, int i) {
        char c = text.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
        }
        return Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
    }

    private void checkRanges() {
        List<StoredTensor> sorted = new ArrayList<>(tensors.values());
        sorted.sort(Comparator.comparingLong(StoredTensor::begin).thenComparingLong(StoredTensor::end));
        long at = 0;
        for (StoredTensor tensor : sorted) {
            if (tensor.begin() != at) {
                throw InlayException.data(
                        "%s: tensor %s begins at byte %d of the data, expected %d: %s",
                        file,
                        Quoted.name(tensor.name()),
                        tensor.begin(),
                        at,
                        tensor.begin() < at
                                ? "tensors overlap"
                                : at == 0 ? "the data must start at 0" : "there is a hole");
            }
            at = tensor.end();
        }
    }

    private static JsonParser parser(byte[] header) throws IOException {
        // Through a reader: Jackson would guess UTF-16 from bytes with zeros.
        return Json.parser(new InputStreamReader(new ByteArrayInputStream(header), StandardCharsets.UTF_8));
    }

    private void note(String note) {
        if (notes.size() < MOST_NOTES) {
            notes.add(note);
        }
    }

    static String found(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        return token.isScalarValue() ? Quoted.shortened(parser.getText()) : token.name();
    }
}
