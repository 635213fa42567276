package dev.inlay.adapter.combine;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LogitDifference;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.Probe;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.ModuleTree;
import dev.inlay.adapter.peft.PeftConfig;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.adapter.peft.PeftWriter;
import dev.inlay.adapter.peft.Provenance;
import dev.inlay.adapter.peft.Ranks;
import dev.inlay.adapter.peft.Selection;
import dev.inlay.adapter.peft.Start;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.model.files.StoredType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes a combination as an adapter directory of PEFT: plain LoRA, alpha equal to the rank of each module, the
 * provenance's {@code inlay.run} naming weights and digests of what was combined.
 *
 * <p>The directory appears after it was read again and its logits on {@link Probe} rows were compared with those of the
 * adapters side by side, or not at all.
 */
public final class Combiner {
    /** Largest difference of logits that rounding of the factors may make, in proportion to the largest logit. */
    private static final double ROUNDING = 1e-4;

    private final ModelDirectory model;
    private final BaseModel base;
    private final Combination combination;

    /** @param combination of adapters of this model */
    public Combiner(ModelDirectory model, BaseModel base, Combination combination) {
        this.model = model;
        this.base = base;
        this.combination = combination;
    }

    /**
     * What was written.
     *
     * @param effect what the written adapter changes of the bare model
     * @param difference of the written adapter from the adapters side by side
     */
    public record Report(
            Path directory, Combination.Result result, LogitDifference effect, LogitDifference difference) {}

    /**
     * @param baseName {@code base_model_name_or_path}
     * @param version of the writer
     * @throws InlayException if the adapters do not add, or if what was written does not compute what it should
     */
    public Report write(Path target, Reduction reduction, String baseName, String version) {
        try (Scope scope = Scope.open()) {
            Combination.Result result = combination.reduced(reduction);
            PeftWriter writer = writer(result.adapter(), baseName, version);
            List<Report> reports = new ArrayList<>();
            AtomicDirectory.write(
                    target,
                    AtomicDirectory.Existing.REFUSE,
                    directory -> writer.fill(directory, Parts.of(result.adapter())),
                    directory -> reports.add(verified(target, directory, result)));
            return reports.get(0);
        }
    }

    private PeftWriter writer(Adapter adapter, String baseName, String version) {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        boolean transposed = false;
        for (LinearSite place : base.sites()) {
            LowRank change = adapter.factors().get(place.site());
            if (change != null) {
                ranks.put(place.path(), Math.toIntExact(change.rank()));
                transposed |= place.storedTransposed();
            }
        }
        PeftConfig config = new PeftConfig(
                PeftConfig.Base.languageModel(baseName),
                Selection.covering(ranks.keySet(), ModuleTree.of(base)),
                Ranks.unscaled(ranks),
                0,
                transposed,
                Start.DEFAULT);
        String type = StoredType.of(model.storedType()).name();
        return new PeftWriter(
                base,
                config,
                new Provenance(
                        version,
                        "lora",
                        baseName,
                        type,
                        base.fingerprint(),
                        base.text(),
                        "combine " + combination.digest()));
    }

    /** Computes in float32 (float64 for a base in float64): the noise of shorter types would hide a mistake. */
    private Report verified(Path target, Path written, Combination.Result result) {
        DType type = model.storedType() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
        Probe probe = Probe.of(model.config());
        try (Scope scope = Scope.open();
                Decoder decoder = model.load(type, Device.CPU)) {
            Adapter read = PeftDirectory.read(written, base, Set.of()).adapter();
            Tensor actual = probe.logits(decoder, List.of(read));
            Tensor running = probe.logits(decoder, combination.running());
            requireSame(probe.logits(decoder, List.of(result.adapter())), actual, "the adapter before it was written");
            if (result.error() == 0) {
                requireSame(running, actual, "the adapters side by side");
            }
            return new Report(
                    target,
                    result,
                    LogitDifference.between(probe.logits(decoder, List.of()), actual),
                    LogitDifference.between(running, actual));
        }
    }

    private static void requireSame(Tensor expected, Tensor actual, String what) {
        double largest = LogitDifference.between(expected, actual).largest();
        double allowed = ROUNDING * Math.max(1, expected.maxAbs());
        if (!(largest <= allowed)) {
            throw InlayException.adapter(
                    "read again, the combined adapter's logits differ by %.3g from those of %s; at most %.3g is rounding",
                    largest, what, allowed);
        }
    }
}
