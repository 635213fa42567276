package dev.inlay.training;

import static dev.inlay.engine.FreeMemory.gigabytes;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.FreeMemory;
import dev.inlay.model.DecoderConfig;
import java.util.Locale;

/**
 * The memory that a training run will take, in bytes, by arithmetic alone: nothing is allocated to find out. It is an
 * estimate: over 16 runs of Llama shapes of 8M to 17M parameters (4 to 16 layers, units of 64 to 16,384 tokens, both ways
 * of keeping, float32 and bfloat16) it was 0.92 to 1.20 of the largest resident size, and {@code MemoryPlanMeasuredTest}
 * holds it within a quarter.
 *
 * @param weights the frozen base, or the copy of what is trained in the type that is computed with
 * @param trained values, gradients and the optimiser's two moments, all float32
 * @param activations of all units that run at once
 * @param logits of one chunk per unit that runs at once
 * @param runtime the Java process and the native library before any of these
 * @param work what it is a plan of
 */
public record MemoryPlan(long weights, long trained, long activations, long logits, long runtime, Workload work) {
    /** Measured: a Java process with libtorch loaded and its heap in use. */
    private static final long RUNTIME = 300L << 20;

    /**
     * Measured, on units of 2,048 to 16,384 tokens: what the C library's allocator takes over what is asked of it, 1.1 to
     * 1.4. Threads other than the first take memory in pieces of 64 MiB, which large tensors do not fill.
     */
    private static final double ALLOCATOR = 1.3;

    /** Values, two moments, the step's gradient, and what the optimiser makes in passing. */
    private static final int TRAINED_COPIES = 7;

    /** Plans a run. */
    public static MemoryPlan of(Workload work) {
        long parameters = work.trainedParameters();
        long vectors = TRAINED_COPIES + work.cut().unitsPerStep() + 2L * work.unitsAtOnce();
        return new MemoryPlan(
                isView(work) ? 0 : weights(work.config()) * work.type().bytes(),
                4 * parameters * vectors,
                Math.round(ALLOCATOR * new ActivationBytes(work).perUnit() * work.unitsAtOnce()),
                logits(work) * work.unitsAtOnce(),
                RUNTIME,
                work);
    }

    /** Whether what is computed with is what is trained. */
    private static boolean isView(Workload work) {
        return work.isWhole() && work.type() == DType.FLOAT32;
    }

    static long weights(DecoderConfig config) {
        return config.parameters() + (config.learnedPositions() ? (long) config.contextLength() * config.width() : 0);
    }

    /** Logits of a chunk and their gradient in the model's type, probabilities in float32 or wider. */
    private static long logits(Workload work) {
        long chunk = Math.max(UnitLoss.CHUNK, work.config().vocabulary());
        long used = Math.min(chunk, work.cut().unitTokens() * work.config().vocabulary());
        boolean bent = !Double.isInfinite(work.config().logitCap());
        boolean multiplied = work.config().multipliers().logits() != 1;
        long copies = 2L + (bent ? 1 : 0) + (multiplied ? 1 : 0);
        return used * (copies * work.type().bytes() + Math.max(4, work.type().bytes()));
    }

    public long total() {
        return weights + trained + activations + logits + runtime;
    }

    /**
     * Checks that the run fits.
     *
     * @return this
     * @throws InlayException of kind MEMORY, with the numbers and the setting that would make it fit
     */
    public MemoryPlan requireWithin(FreeMemory free) {
        free.require(total(), "training (" + parts() + ")", () -> remedy(free));
        return this;
    }

    /** The largest unit that fits, in tokens; 0 if not even one token does. */
    public long largestUnit(FreeMemory free) {
        long fits = 0;
        long fails = Long.highestOneBit(Integer.MAX_VALUE);
        while (fails - fits > 1) {
            long middle = (fits + fails) >>> 1;
            if (of(work.with(work.cut().withUnitTokens(middle))).total() <= free.bytes()) {
                fits = middle;
            } else {
                fails = middle;
            }
        }
        return fits;
    }

    private String remedy(FreeMemory free) {
        long unit = largestUnit(free);
        if (unit >= work.cut().rowTokens()) {
            return String.format(
                    Locale.ROOT,
                    "units of at most %d tokens fit (now %d)",
                    unit,
                    work.cut().unitTokens());
        }
        Workload.Cut cut = work.cut();
        Workload.Cut small = new Workload.Cut(
                cut.rowTokens(), cut.rowTokens(), cut.unitsPerStep(), 1, TrainingOptions.Memory.RECOMPUTE, false);
        if (of(work.with(small)).total() <= free.bytes()) {
            return "use one worker, recomputation, and units of one row";
        }
        return unit > 0
                ? String.format(Locale.ROOT, "rows of at most %d tokens fit (now %d)", unit, cut.rowTokens())
                : "the model itself does not fit; use a smaller one or a half-precision copy";
    }

    private String parts() {
        return String.format(
                Locale.ROOT,
                "weights %s, trained values %s, activations %s, logits %s, process %s",
                gigabytes(weights),
                gigabytes(trained),
                gigabytes(activations),
                gigabytes(logits),
                gigabytes(runtime));
    }

    @Override
    public String toString() {
        return gigabytes(total()) + ": " + parts();
    }
}
