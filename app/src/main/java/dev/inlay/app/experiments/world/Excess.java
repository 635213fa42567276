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
import dev.inlay.training.data.Dataset;
import dev.inlay.training.data.Encoder;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Examples;
import dev.inlay.training.data.Limit;
import dev.inlay.training.data.Overflow;
import dev.inlay.training.data.Row;
import dev.inlay.training.data.RowReader;
import dev.inlay.training.data.Units;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;

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
     * Measures a model on all that a world's directory holds of some splits. A model of several registers must guess which
     * one a text is of, so the floor holds that choice too: the form of the text, by the rows of each form, and the
     * register within it.
     *
     * @param encoder with loss on all tokens
     */
    public static List<Excess> of(Path world, List<Split> splits, Decoder decoder, Encoder encoder, Workers workers) {
        List<Excess> all = new ArrayList<>();
        for (Split split : splits) {
            Map<Path, Dataset> forms = forms(world, split);
            double rows = forms.values().stream()
                    .mapToInt(dataset -> dataset.rows().size())
                    .sum();
            forms.forEach((file, dataset) -> {
                double choice = -Math.log(dataset.rows().size() / rows);
                all.addAll(of(file, dataset, split, choice, decoder, encoder, workers));
            });
        }
        if (all.isEmpty()) {
            throw InlayException.data("%s: holds no texts of %s; write some with inlay world", world, splits);
        }
        return all;
    }

    private static Map<Path, Dataset> forms(Path world, Split split) {
        Map<Path, Dataset> forms = new LinkedHashMap<>();
        for (Form form : Form.values()) {
            Path file = world.resolve(form.toString()).resolve(split + ".jsonl");
            if (Files.exists(file)) {
                forms.put(file, DataSource.read(file, new RowReader()).train());
            }
        }
        return forms;
    }

    /**
     * Measures a model on the first texts of a register in the split test, made on the spot. The floor holds what a model
     * of all registers, with as many texts as chats, must pay for guessing which register a text is of.
     *
     * @param register one of {@link Register#WORLD}
     */
    public static Excess of(
            Register register, int count, long seed, Decoder decoder, Encoder encoder, Workers workers) {
        Corpus corpus = new Corpus(Split.TEST, List.of(register), seed, OptionalLong.empty());
        List<Document> documents =
                IntStream.range(0, count).mapToObj(corpus::document).toList();
        List<Row> rows = IntStream.range(0, count)
                .mapToObj(i -> documents.get(i).row(i + 1))
                .toList();
        List<Register> form = (register.isChat() ? Form.CHAT : Form.TEXT).of(Register.WORLD);
        double choice = Math.log(Form.values().length) + register.costIn(form);
        List<double[]> pairs = losses(new Dataset(register.toString(), rows), decoder, encoder, workers).stream()
                .map(loss ->
                        new double[] {choice + documents.get(loss.example()).floor(), loss.loss() * loss.targets()})
                .toList();
        return of(Split.TEST, register, pairs);
    }

    private static List<RowLoss> losses(Dataset rows, Decoder decoder, Encoder encoder, Workers workers) {
        Limit limit = new Limit(decoder.config().contextLength(), Overflow.ERROR);
        List<Example> examples = Examples.of(rows, encoder, limit).list();
        return new Evaluation(decoder, workers)
                .of(Units.all(examples, UNIT_TOKENS), List.of())
                .rows();
    }

    /** @param choice nats of a text that its form costs */
    private static List<Excess> of(
            Path rows, Dataset dataset, Split split, double choice, Decoder decoder, Encoder encoder, Workers workers) {
        List<RowLoss> losses = losses(dataset, decoder, encoder, workers);
        List<JsonObject> labels = labels(rows);
        if (labels.size() != losses.size()) {
            throw InlayException.data(
                    "%s: %d rows and %d labels; write the world again", rows, losses.size(), labels.size());
        }
        Map<Register, List<double[]>> byRegister = new LinkedHashMap<>();
        for (RowLoss loss : losses) {
            JsonObject label = labels.get(loss.example());
            byRegister
                    .computeIfAbsent(Register.named(label.text("register")), register -> new ArrayList<>())
                    .add(new double[] {choice + label.number("nats"), loss.loss() * loss.targets()});
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
        Path file = rows.resolveSibling(String.valueOf(rows.getFileName()).replace(".jsonl", ".labels.jsonl"));
        String text = StrictUtf8.decode(RegularFile.read(file, LARGEST), file.toString());
        return text.lines().map(line -> Json.parseObject(line, file.toString())).toList();
    }
}
