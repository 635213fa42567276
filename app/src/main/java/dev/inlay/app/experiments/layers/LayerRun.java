package dev.inlay.app.experiments.layers;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.inlay.adapter.AdapterDigest;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.dynamics.GapCriterion;
import dev.inlay.dynamics.Hypothesis;
import dev.inlay.model.Decoder;
import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.model.files.AtomicDirectory.Existing;
import dev.inlay.model.files.Json;
import dev.inlay.training.run.Versions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongConsumer;

/**
 * Measures a model's layers on a text and writes what was found, whole or not at all; the same settings give the same bytes.
 *
 * <table>
 * <caption>Files; numbers as Java writes them, empty where there is none</caption>
 * <tr><td>{@code run.json}</td><td>settings, seeds, versions, fingerprints, violations of the energy's growth</td></tr>
 * <tr><td>{@code tokens.csv}</td><td>for each entry and measure its value on base, adapter and controls; entry 0 is the
 *     embeddings, {@code normed} the last entry after the last norm</td></tr>
 * <tr><td>{@code differences.csv}</td><td>adapter less base with 95 % intervals, and the drift of the states</td></tr>
 * <tr><td>{@code histogram.csv}</td><td>share of pairs of tokens by cosine</td></tr>
 * <tr><td>{@code weights.csv}</td><td>for each layer, side and head, and the sum of heads: norms, ranks, changes</td></tr>
 * <tr><td>{@code gap.csv}</td><td>the gap criterion of each layer with its hypotheses</td></tr>
 * <tr><td>{@code spectra.csv}, {@code eigenvalues.csv}</td><td>singular values of W_V, V and A, eigenvalues of V</td></tr>
 * <tr><td>{@code report.html}</td><td>for people</td></tr>
 * </table>
 */
public final class LayerRun {
    private static final int FORMAT = 1;

    private final Subject subject;
    private final Study study;
    private final List<LayerWeights> weights;

    private LayerRun(Subject subject, Study study, List<LayerWeights> weights) {
        this.subject = subject;
        this.study = study;
        this.weights = weights;
    }

    /**
     * Measures and writes.
     *
     * @param progress gets the number of {@link Subject#steps} done
     * @return the results that matter most, a line each
     */
    public static List<String> write(Path directory, Subject subject, LongConsumer progress) {
        List<String> lines = new ArrayList<>();
        // Within, so that an occupied directory is refused before any work.
        AtomicDirectory.write(
                directory,
                Existing.REFUSE,
                place -> {
                    LayerRun run = measure(subject, progress);
                    run.fill(place);
                    lines.addAll(new LayerSummary(run.study).lines());
                },
                written -> {});
        return lines;
    }

    private static LayerRun measure(Subject subject, LongConsumer progress) {
        Decoder decoder = subject.model().decoder();
        long[] done = {0};
        Runnable step = () -> progress.accept(++done[0]);
        Study study = Study.of(
                subject.model().directory().path(),
                decoder,
                subject.adapter(),
                subject.text(),
                subject.repeat(),
                subject.seed(),
                step);
        List<LayerWeights> weights = new ArrayList<>();
        for (int layer = 0; layer < decoder.config().layers(); layer++) {
            weights.addAll(LayerWeights.of(
                    decoder,
                    subject.model().directory().storedType(),
                    layer,
                    subject.parts(),
                    study.states().entries().get(layer)));
            step.run();
        }
        return new LayerRun(subject, study, weights);
    }

    private void fill(Path directory) throws IOException {
        Json.write(directory.resolve("run.json"), record());
        write(directory, "tokens.csv", tokens());
        write(directory, "histogram.csv", histograms());
        write(directory, "weights.csv", weightRows());
        write(directory, "spectra.csv", spectra());
        write(directory, "eigenvalues.csv", eigenvalues());
        if (study.adapter().isPresent()) {
            write(directory, "differences.csv", differences());
            write(directory, "gap.csv", gaps());
        }
        new LayerPage(subject, study, weights).write(directory.resolve("report.html"));
    }

    private static void write(Path directory, String name, CharSequence text) throws IOException {
        Files.writeString(directory.resolve(name), text, UTF_8);
    }

    private Map<String, Object> record() {
        Map<String, Object> record = new TreeMap<>();
        record.put("format", FORMAT);
        record.put("command", "dynamics tokens");
        record.put("settings", subject.settings());
        record.put("seeds", Map.of("controls_and_resamples", subject.seed()));
        record.put("versions", Versions.now());
        Map<String, Object> fingerprints = new TreeMap<>();
        fingerprints.put("model", BaseModel.of(subject.model().directory()).fingerprint());
        if (!subject.parts().isEmpty()) {
            fingerprints.put("adapter", AdapterDigest.of(new Parts(subject.parts())));
        }
        record.put("fingerprints", fingerprints);
        record.put("ids", subject.text().ids());
        Map<String, Object> violations = new TreeMap<>();
        study.sides().forEach((side, measures) -> {
            Map<String, Integer> ofSide = new TreeMap<>();
            for (double beta : LayerMeasures.BETAS) {
                ofSide.put("beta " + beta, measures.violations(beta));
            }
            violations.put(side, ofSide);
        });
        record.put("energy_falls", violations);
        record.put("findings", new LayerSummary(study).lines());
        return record;
    }

    private String label(int entry) {
        return entry == study.base().entries() ? "normed" : String.valueOf(entry);
    }

    private CharSequence tokens() {
        Map<String, LayerMeasures> sides = study.sides();
        StringBuilder csv = new StringBuilder("entry,measure," + String.join(",", sides.keySet()) + "\n");
        for (int entry = 0; entry <= study.base().entries(); entry++) {
            for (String measure : study.base().rows().get(entry).keySet()) {
                csv.append(label(entry)).append(',').append(measure);
                for (LayerMeasures side : sides.values()) {
                    csv.append(',').append(number(side.at(entry, measure)));
                }
                csv.append('\n');
            }
        }
        return csv;
    }

    private CharSequence histograms() {
        Map<String, LayerMeasures> sides = study.sides();
        StringBuilder csv = new StringBuilder("entry,cosine_from,cosine_to," + String.join(",", sides.keySet()) + "\n");
        for (int entry = 0; entry <= study.base().entries(); entry++) {
            for (int part = 0; part < LayerMeasures.PARTS; part++) {
                csv.append(label(entry))
                        .append(',')
                        .append(part * 2.0 / LayerMeasures.PARTS - 1)
                        .append(',')
                        .append((part + 1) * 2.0 / LayerMeasures.PARTS - 1);
                for (LayerMeasures side : sides.values()) {
                    csv.append(',').append(side.histograms().get(entry)[part]);
                }
                csv.append('\n');
            }
        }
        return csv;
    }

    private CharSequence differences() {
        StringBuilder csv = new StringBuilder("entry,measure,difference,low,high\n");
        study.differences()
                .forEach(each -> csv.append(each.entry())
                        .append(',')
                        .append(each.measure())
                        .append(',')
                        .append(number(each.value()))
                        .append(',')
                        .append(number(each.interval().low()))
                        .append(',')
                        .append(number(each.interval().high()))
                        .append('\n'));
        return csv;
    }

    private CharSequence weightRows() {
        Set<String> measures = new TreeSet<>();
        weights.forEach(each -> each.rows().values().forEach(row -> measures.addAll(row.keySet())));
        StringBuilder csv = new StringBuilder("layer,side,head," + String.join(",", measures) + "\n");
        weights.forEach(each -> each.rows().forEach((head, row) -> {
            csv.append(each.layer()).append(',').append(each.side()).append(',').append(head);
            measures.forEach(measure -> csv.append(',').append(number(row.getOrDefault(measure, Double.NaN))));
            csv.append('\n');
        }));
        return csv;
    }

    private CharSequence spectra() {
        StringBuilder csv = new StringBuilder("layer,side,matrix,index,singular_value\n");
        weights.forEach(each -> each.spectra().forEach((matrix, values) -> {
            for (int k = 0; k < values.size(); k++) {
                csv.append(each.layer() + "," + each.side() + "," + matrix + "," + k + "," + values.get(k) + "\n");
            }
        }));
        return csv;
    }

    private CharSequence eigenvalues() {
        StringBuilder csv = new StringBuilder("layer,side,head,index,real,imaginary\n");
        weights.forEach(each -> each.eigenvalues().forEach((head, values) -> {
            for (int k = 0; k < values.size(); k += 2) {
                csv.append(each.layer() + "," + each.side() + "," + head + "," + k / 2 + ",");
                csv.append(values.get(k) + "," + values.get(k + 1) + "\n");
            }
        }));
        return csv;
    }

    private CharSequence gaps() {
        Map<Integer, GapCriterion> criteria = new LinkedHashMap<>();
        weights.forEach(each -> each.gap().ifPresent(gap -> criteria.put(each.layer(), gap)));
        StringBuilder csv =
                new StringBuilder("layer,gap,a,norm_b,norm_e,criterion,drift_bound,drift_estimate,hypotheses\n");
        criteria.forEach((layer, gap) -> {
            csv.append(layer + "," + gap.gap() + "," + gap.along() + "," + gap.aside() + "," + gap.rest() + ",");
            csv.append(gap.isMet() + "," + number(gap.isMet() ? gap.driftBound() : Double.NaN) + ",");
            csv.append(gap.driftEstimate() + ",\"" + hypotheses(gap) + "\"\n");
        });
        return csv;
    }

    /** Each with what is true of it. */
    static String hypotheses(GapCriterion gap) {
        StringBuilder text = new StringBuilder();
        for (Hypothesis each : gap.hypotheses()) {
            text.append(text.isEmpty() ? "" : "; ").append(each.text()).append(": ");
            text.append(each.truth().name().toLowerCase(Locale.ROOT));
        }
        return text.toString();
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "" : String.valueOf(value);
    }
}
