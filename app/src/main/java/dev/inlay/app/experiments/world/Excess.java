package dev.inlay.app.experiments.world;

import dev.inlay.InlayException;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.model.files.RegularFile;
import dev.inlay.model.files.StrictUtf8;
import dev.inlay.training.Evaluation;
import dev.inlay.training.Evaluation.RowLoss;
import dev.inlay.training.data.DataSource;
import dev.inlay.training.data.Encoder;
import dev.inlay.training.data.Examples;
import dev.inlay.training.data.Limit;
import dev.inlay.training.data.Overflow;
import dev.inlay.training.data.RowReader;
import dev.inlay.training.data.Units;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How far a model is above the floor of texts of the world: its surprise by each text, all tokens but the first, against
 * the text's own surprise, row by row.
 *
 * @param split as in the world's files
 * @param rows number of texts
 * @param floor mean nats of a text
 * @param model mean nats that the model gives a text
 * @param error standard error of the mean difference
 */
public record Excess(Split split, Register register, int rows, double floor, double model, double error) {
    private static final int LARGEST = 512 << 20;
    private static final int UNIT_TOKENS = 2048;

    /** By which part the model is above the floor. */
    public double share() {
        return model / floor - 1;
    }

    /**
     * Measures a model on all that a world's directory holds of some splits.
     *
     * @param encoder with loss on all tokens
     */
    public static List<Excess> of(Path world, List<Split> splits, Decoder decoder, Encoder encoder, Workers workers) {
        List<Excess> all = new ArrayList<>();
        for (Split split : splits) {
            for (Form form : Form.values()) {
                Path rows = world.resolve(form.toString()).resolve(split + ".jsonl");
                if (Files.exists(rows)) {
                    all.addAll(of(rows, split, decoder, encoder, workers));
                }
            }
        }
        if (all.isEmpty()) {
            throw InlayException.data("%s: holds no texts of %s; write some with inlay world", world, splits);
        }
        return all;
    }

    private static List<Excess> of(Path rows, Split split, Decoder decoder, Encoder encoder, Workers workers) {
        Limit limit = new Limit(decoder.config().contextLength(), Overflow.ERROR);
        Examples examples =
                Examples.of(DataSource.read(rows, new RowReader()).train(), encoder, limit);
        List<JsonObject> labels = labels(rows);
        if (labels.size() != examples.list().size()) {
            throw InlayException.data(
                    "%s: %d rows and %d labels; write the world again",
                    rows, examples.list().size(), labels.size());
        }
        Evaluation evaluation = new Evaluation(decoder, workers);
        List<RowLoss> losses =
                evaluation.of(Units.all(examples.list(), UNIT_TOKENS), List.of()).rows();
        Map<Register, List<double[]>> byRegister = new LinkedHashMap<>();
        for (RowLoss loss : losses) {
            JsonObject label = labels.get(loss.example());
            byRegister
                    .computeIfAbsent(Register.named(label.text("register")), register -> new ArrayList<>())
                    .add(new double[] {label.number("nats"), loss.loss() * loss.targets()});
        }
        return byRegister.entrySet().stream()
                .map(each -> of(split, each.getKey(), each.getValue()))
                .toList();
    }

    /** @param pairs floor and model, one for each text */
    private static Excess of(Split split, Register register, List<double[]> pairs) {
        int count = pairs.size();
        double floor = pairs.stream().mapToDouble(pair -> pair[0]).average().orElse(0);
        double model = pairs.stream().mapToDouble(pair -> pair[1]).average().orElse(0);
        double squares = pairs.stream()
                .mapToDouble(pair -> Math.pow(pair[1] - pair[0] - (model - floor), 2))
                .sum();
        double error = count > 1 ? Math.sqrt(squares / (count - 1) / count) : Double.NaN;
        return new Excess(split, register, count, floor, model, error);
    }

    private static List<JsonObject> labels(Path rows) {
        Path file = rows.resolveSibling(
                String.valueOf(rows.getFileName()).replace(".jsonl", ".labels.jsonl"));
        String text = StrictUtf8.decode(RegularFile.read(file, LARGEST), file.toString());
        return text.lines().map(line -> Json.parseObject(line, file.toString())).toList();
    }
}
