package dev.inlay.engine;

import java.util.List;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;

/**
 * Scaled dot-product attention of one row: {@code softmax(scale q k' + mask) v} (Vaswani et al. 2017, equation 1), with
 * grouped queries: query head h reads key head h / (heads / kv_heads).
 *
 * <p>{@link #apply} never forms the table of weights (Dao et al. 2022); {@link #scores} and {@link #mix} do, for those
 * who want to look at it.
 */
public final class Attention {
    private Attention() {}

    /**
     * @param q [queries, heads, head_dim]
     * @param k [keys, kv_heads, head_dim]
     * @param v [keys, kv_heads, head_dim]
     * @return [queries, heads, head_dim]
     */
    public static Tensor apply(Tensor q, Tensor k, Tensor v, double scale, Visibility visibility) {
        if (q.device().kind() != Device.Kind.CPU) {
            return mix(scores(q, k, scale, visibility).softmax(), v);
        }
        long group = q.size(1) / k.size(1);
        // One "batch" entry per key head, one "head" per query head that reads it: strides alone, nothing is copied.
        Tensor query =
                q.detached().reshape(q.size(0), k.size(1), group, q.size(2)).permute(1, 2, 0, 3);
        Tensor key = perGroup(k.detached(), group);
        Tensor value = perGroup(v.detached(), group);
        List<Tensor> result = Flash.forward(query, key, value, scale, visibility);
        Tensor y = result.get(0).permute(2, 0, 1, 3).reshape(q.shape());
        return y.from(
                g -> {
                    Tensor gradient = g.reshape(query.size(2), query.size(0), group, query.size(3))
                            .permute(1, 2, 0, 3);
                    List<Tensor> parts = Flash.backward(gradient, query, key, value, result, scale, visibility);
                    q.give(parts.get(0).permute(2, 0, 1, 3).reshape(g.shape()), false);
                    k.give(overGroup(parts.get(1)), false);
                    v.give(overGroup(parts.get(2)), false);
                },
                saved(query, key, value, result, visibility),
                q,
                k,
                v);
    }

    private static List<Tensor> saved(Tensor q, Tensor k, Tensor v, List<Tensor> result, Visibility visibility) {
        Tensor mask = visibility.mask();
        return mask == null
                ? List.of(q, k, v, result.get(0), result.get(1))
                : List.of(q, k, v, result.get(0), result.get(1), mask);
    }

    /** [keys, kv_heads, head_dim] as [kv_heads, group, keys, head_dim] with stride zero over the group. */
    private static Tensor perGroup(Tensor x, long group) {
        return x.permute(1, 0, 2)
                .reshape(x.size(1), 1, x.size(0), x.size(2))
                .expand(x.size(1), group, x.size(0), x.size(2));
    }

    /** [kv_heads, group, keys, head_dim], summed over the group, as [keys, kv_heads, head_dim]. */
    private static Tensor overGroup(Tensor gradient) {
        Tensor sum = gradient.size(1) == 1 ? gradient : gradient.sum(1).to(gradient.dtype());
        return sum.reshape(gradient.size(0), gradient.size(2), gradient.size(3)).permute(1, 0, 2);
    }

    /**
     * The table before softmax.
     *
     * @return [heads, queries, keys], minus infinity where a query does not see a key
     */
    public static Tensor scores(Tensor q, Tensor k, double scale, Visibility visibility) {
        Tensor keys = repeated(k, q.size(1) / k.size(1));
        Tensor table = q.permute(1, 0, 2).matmul(keys.permute(1, 2, 0)).times(scale);
        Tensor mask = visibility.asMask(q.size(0), k.size(0), q.dtype(), q.device());
        return mask == null ? table : table.plus(mask);
    }

    /**
     * @param weights [heads, queries, keys]
     * @param v [keys, kv_heads, head_dim]
     * @return [queries, heads, head_dim]
     */
    public static Tensor mix(Tensor weights, Tensor v) {
        Tensor values = repeated(v, weights.size(0) / v.size(1));
        return weights.matmul(values.permute(1, 0, 2)).permute(1, 0, 2);
    }

    /** [keys, kv_heads, head_dim] to [keys, heads, head_dim]. */
    private static Tensor repeated(Tensor x, long group) {
        return x.reshape(x.size(0), x.size(1), 1, x.size(2))
                .expand(x.size(0), x.size(1), group, x.size(2))
                .reshape(x.size(0), x.size(1) * group, x.size(2));
    }

    /** The fused kernels of the processor, reached through libtorch's dispatcher. */
    private static final class Flash {
        private static final Dispatcher DISPATCHER = Dispatcher.singleton();
        private static final OperatorHandle FORWARD =
                DISPATCHER.findSchemaOrThrow("aten::_scaled_dot_product_flash_attention_for_cpu", "");
        private static final OperatorHandle BACKWARD =
                DISPATCHER.findSchemaOrThrow("aten::_scaled_dot_product_flash_attention_for_cpu_backward", "");
        private static final IValue NO_DROPOUT = new IValue(0.0);
        private static final IValue CAUSAL = new IValue(true);
        private static final IValue OPEN = new IValue(false);
        private static final IValue NO_MASK = new IValue();

        private Flash() {}

        /** Output [kv_heads, group, queries, head_dim] and the logarithms of the softmax denominators. */
        static List<Tensor> forward(Tensor q, Tensor k, Tensor v, double scale, Visibility visibility) {
            try (IValueVector stack = new IValueVector()) {
                push(stack, q, k, v);
                return call(FORWARD, stack, scale, visibility, 2);
            }
        }

        static List<Tensor> backward(
                Tensor g, Tensor q, Tensor k, Tensor v, List<Tensor> result, double scale, Visibility visibility) {
            try (IValueVector stack = new IValueVector()) {
                push(stack, g, q, k, v, result.get(0), result.get(1));
                return call(BACKWARD, stack, scale, visibility, 3);
            }
        }

        private static List<Tensor> call(
                OperatorHandle operator, IValueVector stack, double scale, Visibility visibility, int results) {
            stack.push_back(NO_DROPOUT);
            stack.push_back(visibility.isAlignedCausal() ? CAUSAL : OPEN);
            Tensor mask = visibility.mask();
            if (mask == null) {
                stack.push_back(NO_MASK);
            } else {
                push(stack, mask);
            }
            try (IValue factor = new IValue(scale)) {
                stack.push_back(factor);
            }
            Native.call(() -> {
                DISPATCHER.callBoxed(operator, stack);
                return stack;
            });
            return java.util.stream.IntStream.range(0, results)
                    .mapToObj(i -> Tensor.make(
                            () -> new org.bytedeco.pytorch.Tensor(stack.get(i).toTensor())))
                    .toList();
        }

        private static void push(IValueVector stack, Tensor... tensors) {
            for (Tensor tensor : tensors) {
                try (IValue value = new IValue(tensor.live())) {
                    stack.push_back(value);
                }
            }
        }
    }
}
