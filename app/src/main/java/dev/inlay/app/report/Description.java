package dev.inlay.app.report;

import dev.inlay.model.Segments;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.training.data.DataReport;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.ExampleText;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a run works on: the file {@code description.json}, written once when the run begins. It is for people; nothing is
 * computed from it.
 *
 * <table>
 * <caption>Keys</caption>
 * <tr><td>{@code format}</td><td>1</td></tr>
 * <tr><td>{@code command}</td><td>that writes the run: {@code train} or {@code pretrain}; the first where it is absent</td></tr>
 * <tr><td>{@code model}</td><td>list of {@code name} and {@code value}, in the order of showing; {@code model} is its
 *     path</td></tr>
 * <tr><td>{@code data}</td><td>for each part {@code name}, {@code rows}, {@code examples}, {@code tokens}, {@code targets},
 *     {@code lengths} (rows of 2^k to 2^(k+1) - 1 tokens) and {@code lines} of the data report</td></tr>
 * <tr><td>{@code modules}</td><td>for each name and shape of the adapted maps {@code name}, {@code layers} adapted of
 *     {@code all}, {@code rank}, {@code in}, {@code out}, {@code parameters}</td></tr>
 * <tr><td>{@code example}</td><td>the first: {@code line}, {@code tokens}, {@code targets}, and its text as pieces in
 *     {@code start} and {@code end} with {@code left_out} tokens between; a piece has {@code text}, {@code target},
 *     {@code control}</td></tr>
 * </table>
 */
public record Description(String command, List<Fact> model, List<Part> data, List<Modules> modules, Sample sample) {
    /** Name of the file in the directory of a run. */
    public static final String FILE = "description.json";

    private static final int FORMAT = 1;

    /** A name and a value in words. */
    public record Fact(String name, String value) {}

    /** Rows of one purpose, such as training. */
    public record Part(
            String name, long rows, long examples, long tokens, long targets, List<Long> lengths, List<String> lines) {
        public Part {
            lengths = List.copyOf(lengths);
            lines = List.copyOf(lines);
        }

        /** From the report about them. */
        public static Part of(String name, DataReport report) {
            List<Long> lengths =
                    report.lengths().counts().stream().map(Integer::longValue).toList();
            return new Part(
                    name, report.rows(), report.examples(), report.tokens(), report.targets(), lengths, report.lines());
        }
    }

    /** Adapted maps of one name and shape. */
    public record Modules(String name, long layers, long all, long rank, long in, long out, long parameters) {}

    /** An example with its loss mask. */
    public record Sample(long line, long tokens, long targets, ExampleText text) {
        /** Of a long example both ends are kept. */
        private static final int SHOWN_TOKENS = 400;

        /**
         * Decodes an example.
         *
         * @param gate where the adapter acts
         */
        public static Sample of(Example example, Segments gate, Tokenizer tokenizer) {
            ExampleText text = ExampleText.of(example, gate, tokenizer, SHOWN_TOKENS);
            return new Sample(example.line(), example.length(), example.targets(), text);
        }
    }

    public Description {
        model = List.copyOf(model);
        data = List.copyOf(data);
        modules = List.copyOf(modules);
    }

    /** Writes the file into the directory of a run. */
    public void write(Path run) {
        Map<String, Object> example = new TreeMap<>();
        example.put("line", sample.line());
        example.put("tokens", sample.tokens());
        example.put("targets", sample.targets());
        example.put("start", sample.text().start());
        example.put("left_out", sample.text().leftOut());
        example.put("end", sample.text().end());
        Map<String, Object> json = new TreeMap<>();
        json.put("format", FORMAT);
        json.put("command", command);
        json.put("model", model);
        json.put("data", data);
        json.put("modules", modules);
        json.put("example", example);
        Json.write(run.resolve(FILE), json);
    }

    static Description read(Path file) {
        JsonObject json = Json.readObject(file);
        json.integer("format", FORMAT, FORMAT);
        return new Description(
                json.text("command", "train"),
                json.objects("model").stream()
                        .map(each -> new Fact(each.text("name"), each.text("value")))
                        .toList(),
                json.objects("data").stream().map(Description::part).toList(),
                json.objects("modules").stream().map(Description::modules).toList(),
                sample(json.object("example")));
    }

    private static Part part(JsonObject json) {
        return new Part(
                json.text("name"),
                count(json, "rows"),
                count(json, "examples"),
                count(json, "tokens"),
                count(json, "targets"),
                json.integers("lengths", 0, Integer.MAX_VALUE),
                json.texts("lines"));
    }

    private static Modules modules(JsonObject json) {
        return new Modules(
                json.text("name"),
                count(json, "layers"),
                count(json, "all"),
                count(json, "rank"),
                count(json, "in"),
                count(json, "out"),
                count(json, "parameters"));
    }

    private static Sample sample(JsonObject json) {
        int leftOut = (int) json.integer("left_out", 0, Integer.MAX_VALUE);
        ExampleText text = new ExampleText(pieces(json, "start"), leftOut, pieces(json, "end"));
        return new Sample(count(json, "line"), count(json, "tokens"), count(json, "targets"), text);
    }

    private static List<ExampleText.Piece> pieces(JsonObject json, String key) {
        return json.objects(key).stream()
                .map(each -> new ExampleText.Piece(
                        each.text("text"), each.flag("target"), each.flag("control"), each.flag("open", true)))
                .toList();
    }

    private static long count(JsonObject json, String key) {
        return json.integer(key, 0, Long.MAX_VALUE);
    }
}
