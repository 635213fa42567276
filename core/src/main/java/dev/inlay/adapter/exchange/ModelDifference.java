package dev.inlay.adapter.exchange;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.PeftConfig;
import dev.inlay.adapter.peft.PeftWriter;
import dev.inlay.adapter.peft.Provenance;
import dev.inlay.adapter.peft.Ranks;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Svd;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Site;
import dev.inlay.model.files.StoredTensor;
import dev.inlay.model.files.StoredType;
import dev.inlay.model.files.Weights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Makes an adapter of the difference between a fine-tuned (or merged) model and its base: per linear map the best
 * approximation of that rank, {@code W' - W = L diag(s) R} cut after some singular values (Eckart and Young 1936), with
 * {@code up = L sqrt(s)} and {@code down = sqrt(s) R}. Computed in float64, written in float32 with scale 1.
 */
public final class ModelDifference {
    private static final int MOST_LISTED = 5;

    private final ModelDirectory base;
    private final ModelDirectory tuned;
    private final Truncation truncation;
    private final Map<Site, LowRank> factors = new LinkedHashMap<>();
    private final List<Part> parts = new ArrayList<>();

    private ModelDifference(ModelDirectory base, ModelDirectory tuned, Truncation truncation) {
        this.base = base;
        this.tuned = tuned;
        this.truncation = truncation;
    }

    /** What to do with differences that low-rank factors cannot express: embeddings, norms, biases. */
    public enum Rest {
        /** An error that names them. */
        REFUSE,
        /** They are lost, and named in the notes. */
        LEAVE_OUT
    }

    /**
     * One map of the result.
     *
     * @param rank kept
     * @param change norm of the whole difference
     * @param error {@code |kept - whole| / |whole|}, Frobenius norms
     */
    public record Part(String path, int rank, double change, double error) {}

    /** The directory written, and what was kept of each map that differs. */
    public record Result(Converted converted, List<Part> parts) {
        public Result {
            parts = List.copyOf(parts);
        }
    }

    /**
     * Writes the difference as a PEFT directory of the base.
     *
     * @param version of the writer, for the metadata
     * @param target must not exist
     */
    public static Result write(
            ModelDirectory base, ModelDirectory tuned, Truncation truncation, Rest rest, String version, Path target) {
        try (Scope scope = Scope.open()) {
            return new ModelDifference(base, tuned, truncation).write(rest, version, target);
        }
    }

    private Result write(Rest rest, String version, Path target) {
        requireSameShape();
        List<String> notes = new ArrayList<>();
        try (Weights before = Weights.open(base.path());
                Weights after = Weights.open(tuned.path())) {
            List<String> lost = inexpressible(before, after);
            if (!lost.isEmpty() && rest == Rest.REFUSE) {
                throw InlayException.adapter(
                        "%s differs from %s in %s, which low-rank factors cannot express; leave them out, or use the model"
                                + " itself",
                        tuned.path(), base.path(), listed(lost));
            }
            lost.forEach(name -> notes.add("lost: the difference of " + name));
            base.sites().forEach(place -> decompose(place, before, after));
        }
        if (factors.isEmpty()) {
            throw InlayException.adapter("no linear map of %s differs from %s", tuned.path(), base.path());
        }
        return new Result(write(notes, version, target), parts);
    }

    private void requireSameShape() {
        if (!base.config().family().equals(tuned.config().family())
                || !base.sites().equals(tuned.sites())) {
            throw InlayException.adapter(
                    "%s (%s) and %s (%s) have different linear maps; the base of the fine-tuned model is needed",
                    base.path(),
                    base.config().family(),
                    tuned.path(),
                    tuned.config().family());
        }
    }

    // ------------------------------------------------------------------ what differs

    /** Tensors beside the weights of linear maps that differ, or that only one of the models has. */
    private List<String> inexpressible(Weights before, Weights after) {
        Set<String> maps = new TreeSet<>();
        base.sites().forEach(place -> maps.add(base.weightName(place)));
        Set<String> all = new TreeSet<>(before.names());
        all.addAll(after.names());
        all.removeAll(maps);
        List<String> differing = new ArrayList<>();
        for (String name : all) {
            if (!before.contains(name) || !after.contains(name)) {
                differing.add(name + " (only in one of them)");
            } else if (differs(name, before, after)) {
                differing.add(name);
            }
        }
        return differing;
    }

    private static boolean differs(String name, Weights before, Weights after) {
        try (Scope scope = Scope.open()) {
            Tensor first = load(name, before);
            Tensor second = load(name, after);
            return !Arrays.equals(first.shape(), second.shape())
                    || first.minus(second).maxAbs() != 0;
        }
    }

    private static Tensor load(String name, Weights weights) {
        StoredTensor stored = weights.tensor(name);
        return weights.file(name).load(stored).to(DType.FLOAT64);
    }

    private void decompose(LinearSite place, Weights before, Weights after) {
        String name = base.weightName(place);
        if (!before.contains(name) && !after.contains(name)) {
            return; // a tied head, which has no weight of its own; the embedding was compared
        }
        try (Scope scope = Scope.open()) {
            Tensor difference = load(name, after).minus(load(name, before));
            Tensor change = place.storedTransposed() ? difference.transposed().contiguous() : difference;
            double norm = change.norm();
            if (!Double.isFinite(norm)) {
                throw InlayException.data("%s: one of the models holds NaN or infinite values", name);
            }
            if (norm == 0) {
                return;
            }
            Svd svd = Svd.of(change);
            double[] values = svd.values().toDoubles();
            int rank = truncation.rank(values);
            double lost = Arrays.stream(values, rank, values.length)
                    .map(value -> value * value)
                    .sum();
            Tensor roots = svd.values().narrow(0, 0, rank).sqrt();
            Tensor up = svd.left().narrow(1, 0, rank).times(roots).to(DType.FLOAT32);
            Tensor down =
                    svd.right().narrow(0, 0, rank).times(roots.reshape(rank, 1)).to(DType.FLOAT32);
            factors.put(place.site(), new LowRank(scope.keep(up), scope.keep(down), 1));
            parts.add(new Part(place.path(), rank, norm, Math.sqrt(lost) / norm));
        }
    }

    // ------------------------------------------------------------------ writing

    private Converted write(List<String> notes, String version, Path target) {
        PeftOutput output = PeftOutput.of(base, Set.of(), target);
        BaseModel model = output.base();
        Map<String, Integer> ranks = new LinkedHashMap<>();
        parts.forEach(part -> ranks.put(part.path(), part.rank()));
        PeftConfig config = PeftImport.plain(
                model, ranks.keySet(), Ranks.unscaled(ranks), 0, base.path().toString());
        Provenance provenance = new Provenance(
                version,
                "lora",
                base.path().toString(),
                StoredType.of(base.storedType()).name(),
                model.fingerprint(),
                model.text(),
                "");
        PeftWriter writer = new PeftWriter(model, config, provenance);
        Adapter adapter = Adapter.of(factors);
        return output.write(
                directory -> writer.fill(directory, Parts.of(adapter)), Optional.of(tunedLogits()), false, notes);
    }

    private Proof.Meant tunedLogits() {
        return (probe, decoder) -> {
            try (Decoder other = tuned.load(Proof.wide(base), Device.CPU)) {
                return probe.logits(other, List.of());
            }
        };
    }

    private static String listed(List<String> names) {
        String first = String.join(", ", names.subList(0, Math.min(MOST_LISTED, names.size())));
        return names.size() <= MOST_LISTED ? first : first + " and " + (names.size() - MOST_LISTED) + " more";
    }
}
