package dev.inlay.training.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.engine.Device;
import dev.inlay.model.files.Fingerprint;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.training.TrainingOptions;
import dev.inlay.training.data.FileStamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What makes a run repeatable: the file {@code run.json}, written once when the run begins.
 *
 * <table>
 * <caption>Keys of run.json</caption>
 * <tr><td>{@code format}</td><td>1</td></tr>
 * <tr><td>{@code name}, {@code created}</td><td>of the run; the moment in UTC</td></tr>
 * <tr><td>{@code options}</td><td>{@link TrainingOptions}, by the names of its parts</td></tr>
 * <tr><td>{@code settings}</td><td>the caller's other settings: rank, targets, batch, form of the data, ...</td></tr>
 * <tr><td>{@code seeds}</td><td>{@code initialisation}, {@code data}, {@code dropout}</td></tr>
 * <tr><td>{@code inputs}</td><td>{@code base} (fingerprint), {@code tokenizer}, {@code template} (SHA-256, empty where
 *     there is none), {@code data} (list of SHA-256)</td></tr>
 * <tr><td>{@code files}</td><td>of each data file {@code path}, {@code bytes}, {@code sha256}</td></tr>
 * <tr><td>{@code device}, {@code threads}</td><td>where it ran</td></tr>
 * <tr><td>{@code versions}</td><td>{@code inlay}, {@code java}, {@code libtorch}, {@code os}</td></tr>
 * </table>
 *
 * <p>A run goes on only with equal options, settings, seeds and inputs. The number of threads may differ, it changes no
 * bit; another device or version is allowed and noted, since it may.
 *
 * @param settings values that JSON has: text, numbers, truth values, lists and maps of them
 */
public record RunRecord(TrainingOptions options, Map<String, ?> settings, Seeds seeds, Inputs inputs, Machine machine) {
    private static final int FORMAT = 1;
    private static final List<String> IDENTITY = List.of("options", "settings", "seeds", "inputs");

    /** Seeds beside that of dropout, which is one of the options. */
    public record Seeds(long initialisation, long data) {}

    /**
     * What the run reads.
     *
     * @param base fingerprint of the base model
     * @param tokenizer SHA-256
     * @param template SHA-256, empty where there is none
     * @param data the files with the examples, in order
     */
    public record Inputs(String base, String tokenizer, String template, List<FileStamp> data) {
        public Inputs {
            data = List.copyOf(data);
        }
    }

    /** Where the run computes. */
    public record Machine(Device device, int threads) {}

    public RunRecord {
        settings = new TreeMap<>(settings);
    }

    /** The content of {@code run.json}. */
    Map<String, Object> toJson(String name) {
        Map<String, Object> json = new TreeMap<>(identity());
        json.put("format", FORMAT);
        json.put("name", name);
        json.put("created", Instant.now().toString());
        json.put("device", machine.device().toString());
        json.put("threads", machine.threads());
        json.put("versions", Versions.now());
        json.put("files", inputs.data().stream().map(RunRecord::file).toList());
        return json;
    }

    /** Equal for runs that compute the same. */
    String hash() {
        return Fingerprint.sha256(Json.line(identity()));
    }

    /**
     * Checks that a recorded run is this one.
     *
     * @return what differs and may, one line each
     * @throws InlayException naming the first difference that may not be, with both values
     */
    List<String> requireSame(JsonObject recorded) {
        recorded.integer("format", FORMAT, FORMAT);
        JsonNode now = tree(toJson(""));
        for (String part : IDENTITY) {
            Map<String, String> before = flat(part, recorded.get(part));
            Map<String, String> after = flat(part, now.path(part));
            TreeMap<String, String> all = new TreeMap<>(before);
            all.putAll(after);
            for (String key : all.keySet()) {
                String then = before.getOrDefault(key, "absent");
                String value = after.getOrDefault(key, "absent");
                if (!then.equals(value)) {
                    throw differs(recorded.where(), part, key, then, value);
                }
            }
        }
        return allowed(recorded, now);
    }

    private static InlayException differs(String where, String part, String key, String then, String now) {
        InlayException difference = InlayException.usage(
                "%s: %s was %s when the run began and is %s now; "
                        + "resume with the same, or start a new run under another name",
                where, key, then, now);
        return part.equals("inputs")
                ? new InlayException(InlayException.Kind.DATA, difference.getMessage(), null)
                : difference;
    }

    private static List<String> allowed(JsonObject recorded, JsonNode now) {
        Map<String, String> before = flat("versions", recorded.get("versions"));
        before.put("device", recorded.text("device", ""));
        Map<String, String> after = flat("versions", now.path("versions"));
        after.put("device", now.path("device").asText());
        List<String> notes = new ArrayList<>();
        after.forEach((key, value) -> {
            String then = before.getOrDefault(key, "absent");
            if (!then.equals(value)) {
                notes.add(key + " was " + then + " when the run began and is " + value
                        + " now: it may not end with the same bits");
            }
        });
        return notes;
    }

    private Map<String, Object> identity() {
        Map<String, Object> hashes = new TreeMap<>();
        hashes.put("base", inputs.base());
        hashes.put("tokenizer", inputs.tokenizer());
        hashes.put("template", inputs.template());
        hashes.put("data", inputs.data().stream().map(FileStamp::sha256).toList());
        Map<String, Object> numbers = new TreeMap<>();
        numbers.put("initialisation", seeds.initialisation());
        numbers.put("data", seeds.data());
        numbers.put("dropout", options.dropoutSeed());
        Map<String, Object> identity = new TreeMap<>();
        identity.put("options", tree(options));
        identity.put("settings", settings);
        identity.put("seeds", numbers);
        identity.put("inputs", hashes);
        return identity;
    }

    private static Map<String, Object> file(FileStamp stamp) {
        Map<String, Object> file = new TreeMap<>();
        file.put("path", stamp.path().toString());
        file.put("bytes", stamp.bytes());
        file.put("sha256", stamp.sha256());
        return file;
    }

    private static JsonNode tree(Object value) {
        return Json.parse(Json.line(value), "run.json");
    }

    /** The values of a tree by their paths, such as {@code options.learningRate}. */
    private static Map<String, String> flat(String path, JsonNode node) {
        Map<String, String> values = new TreeMap<>();
        if (node.isValueNode()) {
            values.put(path, node.asText());
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                values.putAll(flat(path + "[" + i + "]", node.get(i)));
            }
        } else {
            node.properties().forEach(field -> values.putAll(flat(path + "." + field.getKey(), field.getValue())));
        }
        return values;
    }
}
