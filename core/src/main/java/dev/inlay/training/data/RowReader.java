package dev.inlay.training.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inlay.InlayException;
import dev.inlay.model.files.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Reads rows.
 *
 * <p>All files are strict UTF-8; a byte-order mark, Windows line ends and a missing last line end are accepted.
 *
 * <ul>
 *   <li>{@code .txt}: the whole file is one document ({@code \r\n} becomes {@code \n}).
 *   <li>{@code .jsonl}: one object per line; blank lines are skipped. Accepted fields, all strings unless said:
 *       {@code text} | {@code prompt} and {@code completion} | {@code messages}, a list of {@code {role, content}}, and
 *       optionally {@code tools} | {@code instruction}, {@code output} and optionally {@code input}: a question of the
 *       user and the assistant's answer | {@code conversations}, a list of {@code {from, value}}; {@link TurnParser} has
 *       the fields of turns | {@code ids} and optionally {@code learned} and {@code open}: {@link TokenParser}.
 *   <li>{@code .json}: an array of such objects, or of strings (text rows); read as a stream.
 * </ul>
 *
 * <p>Rows of several forms in one file, and fields that no form has, are errors that name the line. Duplicates are rows
 * like any other. A line, or a document of a {@code .txt} file, has at most {@value #LINE_CAP} characters.
 */
public final class RowReader {
    /** Longest line, in characters. */
    public static final int LINE_CAP = 64 << 20;

    /** For arrays, as strict as {@link Json}, which reads the lines. */
    private static final ObjectMapper ARRAYS = new ObjectMapper(JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Json.MAX_DEPTH)
                    .maxStringLength(Json.MAX_STRING)
                    .maxNumberLength(Json.MAX_DIGITS)
                    .build())
            .build());

    private final Set<String> ignoredFields;

    public RowReader() {
        this(Set.of());
    }

    /**
     * A reader that passes over some fields.
     *
     * @param ignoredFields names of fields that rows may have and that are not read, such as an id
     */
    public RowReader(Set<String> ignoredFields) {
        this.ignoredFields = Set.copyOf(ignoredFields);
    }

    static boolean reads(String fileName) {
        String name = fileName.toLowerCase(Locale.ROOT);
        return name.endsWith(".txt") || name.endsWith(".jsonl") || name.endsWith(".json");
    }

    /**
     * Reads a stream to its end.
     *
     * @param name the file's name; its ending tells the format
     * @throws InlayException naming file and line, if the content is not as described above or holds no row
     */
    public Dataset read(String name, InputStream in) {
        String ending = name.toLowerCase(Locale.ROOT);
        List<Row> rows;
        try {
            Reader characters = new Utf8Reader(name, in);
            if (ending.endsWith(".txt")) {
                rows = document(name, characters);
            } else if (ending.endsWith(".json")) {
                rows = array(name, characters);
            } else if (ending.endsWith(".jsonl")) {
                rows = lines(name, characters);
            } else {
                throw InlayException.data("%s: expected a file ending in .jsonl, .json or .txt", name);
            }
        } catch (IOException e) {
            throw InlayException.data("%s: cannot be read: %s", name, e.getMessage())
                    .causedBy(e);
        }
        if (rows.isEmpty()) {
            throw InlayException.data("%s: holds no rows; expected at least one", name);
        }
        return new Dataset(name, rows);
    }

    private static List<Row> document(String name, Reader in) throws IOException {
        StringBuilder text = new StringBuilder();
        char[] block = new char[1 << 16];
        for (int count = in.read(block); count >= 0; count = in.read(block)) {
            if ((long) text.length() + count > LINE_CAP) {
                throw InlayException.data(
                        "%s: longer than %,d characters, the most a document may have; write one document per line as"
                                + " JSONL: {\"text\": ...}",
                        name, LINE_CAP);
            }
            text.append(block, 0, count);
        }
        String document = text.toString().replace("\r\n", "\n");
        return document.isBlank() ? List.of() : List.of(new Row.TextRow(1, document));
    }

    private List<Row> lines(String name, Reader in) throws IOException {
        Lines lines = new Lines(name, in, LINE_CAP);
        RowParser parser = new RowParser(name, ignoredFields);
        List<Row> rows = new ArrayList<>();
        for (String line = lines.next(); line != null; line = lines.next()) {
            if (!line.isBlank()) {
                String where = name + " line " + lines.number();
                rows.add(parser.row(lines.number(), Json.parse(line, where)));
            }
        }
        return rows;
    }

    private List<Row> array(String name, Reader in) throws IOException {
        RowParser parser = new RowParser(name, ignoredFields);
        List<Row> rows = new ArrayList<>();
        try (JsonParser json = ARRAYS.getFactory().createParser(in)) {
            JsonToken first = json.nextToken();
            if (first == null) {
                return rows;
            }
            if (first != JsonToken.START_ARRAY) {
                throw InlayException.data(
                        "%s line 1: expected an array of rows; one object per line belongs into a .jsonl file", name);
            }
            while (json.nextToken() != JsonToken.END_ARRAY) {
                int line = json.currentTokenLocation().getLineNr();
                JsonNode value = ARRAYS.readTree(json);
                rows.add(value.isTextual() ? parser.text(line, value) : parser.row(line, value));
            }
            if (json.nextToken() != null) {
                throw InlayException.data(
                        "%s line %d: something follows the array",
                        name, json.currentTokenLocation().getLineNr());
            }
        } catch (JsonProcessingException e) {
            throw notJson(name, e.getLocation() == null ? 1 : e.getLocation().getLineNr(), e);
        }
        return rows;
    }

    private static InlayException notJson(String name, int line, JsonProcessingException e) {
        int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
        return InlayException.data(
                        "%s line %d, column %d: not valid JSON: %s", name, line, column, e.getOriginalMessage())
                .causedBy(e);
    }
}
