package dev.inlay.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which keys each query of one row sees, and in which pieces attention is computed. The queries are the last positions of
 * the keys; a query sees itself and what came before, or of that only the last {@code window} positions.
 *
 * <p>Made once per pass and row length and used by all layers; it holds native memory, so the scope it is made in must
 * outlive them.
 */
public final class Visibility {
    /** Queries whose table of weights is held at once. */
    private static final int BLOCK = 256;
    /** Below this many scores per head the fused kernel's single call is faster than products by table. */
    private static final long WORTH_TABLE = 64 * 64;
    /** Up to so many keys a single query in half precision is cheaper widened, for the fused kernel, than by table. */
    private static final long WORTH_WIDENING = 1024;

    private final long queries;
    private final long keys;
    private final long window;
    private final boolean seesAll;
    private final boolean byTable;
    private final boolean wholeByFused;
    private final List<Block> blocks;
    private final @Nullable Tensor fusedMask;

    /**
     * Neighbouring queries and the keys that some of them see.
     *
     * @param from first query
     * @param to query after the last
     * @param firstKey first key that one of them sees
     * @param endKey key after the last
     * @param maskFrom first key to which the mask applies
     * @param mask [(to - from) * group, keys from maskFrom], 0 where seen and minus infinity elsewhere; or null
     */
    record Block(
            long from,
            long to,
            long firstKey,
            long endKey,
            long maskFrom,
            @Nullable Tensor mask) {}

    private Visibility(long queries, long keys, long window, boolean seesAll, long group, DType type, Device device) {
        this.queries = queries;
        this.keys = keys;
        this.window = window;
        this.seesAll = seesAll;
        this.byTable = isByTable(queries, keys, type, device);
        this.wholeByFused = seesAll && type == DType.FLOAT32 && device.kind() == Device.Kind.CPU;
        this.blocks = byTable ? blocks(group, type, device) : List.of();
        DType wide = type.isHalf() ? DType.FLOAT32 : type;
        this.fusedMask = byTable || isAlignedCausal() || seesAll ? null : mask(0, queries, 0, keys, 1, wide, device);
    }

    private static boolean isByTable(long queries, long keys, DType type, Device device) {
        if (device.kind() != Device.Kind.CPU) {
            return true;
        }
        if (type.isHalf()) {
            return queries > 1 || keys > WORTH_WIDENING;
        }
        return type == DType.FLOAT32 && queries * keys > WORTH_TABLE;
    }

    /**
     * @param queries number of queries, at most {@code keys}
     * @param keys number of keys
     * @param window how many positions back a query sees, itself included; at least {@code keys} for all
     * @param group query heads per key head
     */
    public static Visibility causal(long queries, long keys, long window, long group, DType type, Device device) {
        if (queries > keys || queries < 1 || window < 1) {
            throw new EngineException(queries + " queries over " + keys + " keys with window " + window);
        }
        boolean single = queries == 1 && window >= keys;
        return new Visibility(queries, keys, window, single, group, type, device);
    }

    /** Every query sees every key: keys that come before all queries, whosever they are. */
    public static Visibility whole(long queries, long keys, DType type, Device device) {
        return new Visibility(queries, keys, keys, true, 1, type, device);
    }

    private List<Block> blocks(long group, DType type, Device device) {
        List<Block> result = new ArrayList<>();
        Tensor shared = null;
        for (long from = 0; from < queries; from += BLOCK) {
            long to = Math.min(queries, from + BLOCK);
            if (seesAll) {
                result.add(new Block(from, to, 0, keys, 0, null));
                continue;
            }
            long position = keys - queries + from;
            long end = keys - queries + to;
            if (window < keys) {
                long first = Math.max(0, position - window + 1);
                result.add(new Block(from, to, first, end, first, mask(from, to, first, end, group, type, device)));
            } else if (to - from == 1) {
                result.add(new Block(from, to, 0, end, 0, null));
            } else {
                // Earlier keys are seen by all; the triangle over the block's own positions is the same for each block.
                if (shared == null || shared.size(0) != (to - from) * group) {
                    shared = mask(from, to, position, end, group, type, device);
                }
                result.add(new Block(from, to, 0, end, position, shared));
            }
        }
        return result;
    }

    /** [(to - from) * group, endKey - firstKey]: each query's line stands {@code group} times. */
    private Tensor mask(long from, long to, long firstKey, long endKey, long group, DType type, Device device) {
        long before = keys - queries;
        long back = seesAll ? Long.MAX_VALUE : window;
        return mask(before + from, before + to, firstKey, endKey, back, group, type, device);
    }

    /**
     * What to add to a table of scores so that each query sees itself and what came before.
     *
     * @param from position of the first query
     * @param to position after the last
     * @param firstKey position of the first key
     * @param endKey position after the last
     * @param window how many positions back a query sees, itself included
     * @return [to - from, endKey - firstKey], 0 where seen and minus infinity elsewhere
     */
    public static Tensor causalMask(
            long from, long to, long firstKey, long endKey, long window, DType type, Device device) {
        return mask(from, to, firstKey, endKey, window, 1, type, device);
    }

    /** @param window the largest number where every key is seen, those that come later too */
    private static Tensor mask(
            long from, long to, long firstKey, long endKey, long window, long group, DType type, Device device) {
        int width = Math.toIntExact(endKey - firstKey);
        float[] values = new float[Math.toIntExact(Math.multiplyExact((to - from) * group, (long) width))];
        int at = 0;
        for (long position = from; position < to; position++) {
            for (long member = 0; member < group; member++) {
                for (long key = firstKey; key < endKey; key++) {
                    boolean seen = window == Long.MAX_VALUE || (key <= position && key > position - window);
                    values[at++] = seen ? 0 : Float.NEGATIVE_INFINITY;
                }
            }
        }
        return Tensor.of(values, (to - from) * group, width).to(type).to(device);
    }

    /** What must live as long as this is used. */
    public List<Tensor> tensors() {
        List<Tensor> all = new ArrayList<>();
        for (Block block : blocks) {
            if (block.mask() != null) {
                all.add(block.mask());
            }
        }
        if (fusedMask != null) {
            all.add(fusedMask);
        }
        return all;
    }

    /** Whether attention is computed by tables of weights, block by block, or by the fused kernel. */
    boolean isByTable() {
        return byTable;
    }

    /**
     * Whether the fused kernel is the faster way without gradients. It is in float32 where there is no triangle of keys that
     * tables need not compute: 1.4 against 3.1 ms for 20 queries over 1600 keys, 54 against 66 ms for 1200.
     */
    boolean favoursFused() {
        return !byTable || wholeByFused;
    }

    List<Block> blocks() {
        return blocks;
    }

    boolean isAlignedCausal() {
        return !seesAll && queries == keys && window >= keys;
    }

    /** [queries, keys] for the fused kernel, if neither "all" nor "aligned causal" says it. */
    @Nullable
    Tensor fusedMask() {
        return fusedMask;
    }

    /** [queries, keys] to add to a table of scores; made anew. */
    Tensor wholeMask(DType type, Device device) {
        return mask(0, queries, 0, keys, 1, type, device);
    }
}
