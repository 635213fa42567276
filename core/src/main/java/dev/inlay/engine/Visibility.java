package dev.inlay.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which keys each query of one row sees. The queries are the last positions of the keys; a query sees itself and what
 * came before, or of that only the last {@code window} positions.
 */
public final class Visibility {
    /** Every key: what a single query at the end of its row sees. */
    public static final Visibility ALL = new Visibility(false, null);

    private static final Visibility ALIGNED_CAUSAL = new Visibility(true, null);

    private final boolean alignedCausal;
    private final @Nullable Tensor mask;

    private Visibility(boolean alignedCausal, @Nullable Tensor mask) {
        this.alignedCausal = alignedCausal;
        this.mask = mask;
    }

    /**
     * @param queries number of queries, at most {@code keys}
     * @param window how many positions back a query sees, itself included; at least {@code keys} for all
     */
    public static Visibility causal(long queries, long keys, long window, DType type, Device device) {
        if (queries > keys || queries < 1 || window < 1) {
            throw new EngineException(queries + " queries over " + keys + " keys with window " + window);
        }
        if (window >= keys) {
            if (queries == 1) {
                return ALL;
            }
            if (queries == keys) {
                return ALIGNED_CAUSAL;
            }
        }
        return new Visibility(false, table(queries, keys, window, type, device));
    }

    /** [queries, keys]: 0 where seen, minus infinity elsewhere. */
    private static Tensor table(long queries, long keys, long window, DType type, Device device) {
        float[] values = new float[Math.toIntExact(Math.multiplyExact(queries, keys))];
        for (int query = 0; query < queries; query++) {
            long position = keys - queries + query;
            for (int key = 0; key < keys; key++) {
                boolean seen = key <= position && key > position - window;
                values[(int) (query * keys + key)] = seen ? 0 : Float.NEGATIVE_INFINITY;
            }
        }
        return Tensor.of(values, queries, keys).to(type).to(device);
    }

    /** What must live as long as this is used. */
    public List<Tensor> tensors() {
        return mask == null ? List.of() : List.of(mask);
    }

    boolean isAlignedCausal() {
        return alignedCausal;
    }

    /** [queries, keys] to add to the scores, if neither "all" nor "aligned causal" says it. */
    @Nullable
    Tensor mask() {
        return mask;
    }

    @Nullable
    Tensor asMask(long queries, long keys, DType type, Device device) {
        return alignedCausal ? table(queries, keys, keys, type, device) : mask;
    }
}
