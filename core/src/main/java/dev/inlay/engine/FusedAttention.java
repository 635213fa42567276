package dev.inlay.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;

/**
 * Attention by libtorch's fused kernel for the processor (after Dao et al. 2022), reached through its dispatcher: one
 * call for all heads, which suits short rows and single queries. It has no fast half-precision products: half precision is
 * widened to float32 and the result rounded once.
 */
final class FusedAttention {
    private static final Dispatcher DISPATCHER = Dispatcher.singleton();
    private static final OperatorHandle FORWARD =
            DISPATCHER.findSchemaOrThrow("aten::_scaled_dot_product_flash_attention_for_cpu", "");
    private static final OperatorHandle BACKWARD =
            DISPATCHER.findSchemaOrThrow("aten::_scaled_dot_product_flash_attention_for_cpu_backward", "");
    private static final IValue NO_DROPOUT = new IValue(0.0);
    private static final IValue CAUSAL = new IValue(true);
    private static final IValue OPEN = new IValue(false);
    private static final IValue NO_MASK = new IValue();

    private FusedAttention() {}

    static Tensor apply(Tensor q, Tensor k, Tensor v, double scale, Visibility visibility) {
        if (q.dtype().isHalf()) {
            DType wide = DType.FLOAT32;
            return apply(q.to(wide), k.to(wide), v.to(wide), scale, visibility).to(q.dtype());
        }
        long group = q.size(1) / k.size(1);
        // One "batch" entry per key head, one "head" per query head that reads it: strides alone, nothing is copied.
        Tensor query = perKeyHead(q.detached(), k.size(1));
        Tensor key = perGroup(k.detached(), group);
        Tensor value = perGroup(v.detached(), group);
        List<Tensor> result = call(FORWARD, List.of(query, key, value), scale, visibility, 2);
        Tensor y = result.get(0).permute(2, 0, 1, 3).reshape(q.shape());
        List<Tensor> saved = new ArrayList<>(List.of(query, key, value, result.get(0), result.get(1)));
        saved.addAll(visibility.tensors());
        return y.from(
                g -> {
                    List<Tensor> values =
                            List.of(perKeyHead(g, key.size(0)), query, key, value, result.get(0), result.get(1));
                    List<Tensor> parts = call(BACKWARD, values, scale, visibility, 3);
                    q.give(parts.get(0).permute(2, 0, 1, 3).reshape(g.shape()), false);
                    k.give(overGroup(parts.get(1)), false);
                    v.give(overGroup(parts.get(2)), false);
                },
                saved,
                q,
                k,
                v);
    }

    /** As {@link #apply} over a part of the keys, without gradients; see {@link PartialAttention}. */
    static PartialAttention partial(Tensor q, Tensor k, Tensor v, double scale, Visibility visibility) {
        long group = q.size(1) / k.size(1);
        DType type = q.dtype().isHalf() ? DType.FLOAT32 : q.dtype();
        List<Tensor> inputs =
                List.of(perKeyHead(q.to(type), k.size(1)), perGroup(k.to(type), group), perGroup(v.to(type), group));
        List<Tensor> result = call(FORWARD, inputs, scale, visibility, 2);
        Tensor mix = result.get(0).permute(2, 0, 1, 3).reshape(q.shape()).to(q.dtype());
        Tensor logSum = result.get(1).permute(2, 0, 1).reshape(q.size(0), q.size(1), 1);
        return new PartialAttention(mix, logSum);
    }

    /** [queries, heads, head_dim] as [kv_heads, group, queries, head_dim]. */
    private static Tensor perKeyHead(Tensor x, long keyHeads) {
        return x.reshape(x.size(0), keyHeads, x.size(1) / keyHeads, x.size(2)).permute(1, 2, 0, 3);
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

    private static List<Tensor> call(
            OperatorHandle operator, List<Tensor> inputs, double scale, Visibility visibility, int results) {
        try (IValueVector stack = new IValueVector();
                IValue factor = new IValue(scale)) {
            inputs.forEach(input -> push(stack, input));
            stack.push_back(NO_DROPOUT);
            stack.push_back(visibility.isAlignedCausal() ? CAUSAL : OPEN);
            Tensor mask = visibility.fusedMask();
            if (mask == null) {
                stack.push_back(NO_MASK);
            } else {
                push(stack, mask);
            }
            stack.push_back(factor);
            Native.call(() -> {
                DISPATCHER.callBoxed(operator, stack);
                return stack;
            });
            return IntStream.range(0, results)
                    .mapToObj(i -> Tensor.make(
                            () -> new org.bytedeco.pytorch.Tensor(stack.get(i).toTensor())))
                    .toList();
        }
    }

    private static void push(IValueVector stack, Tensor tensor) {
        try (IValue value = new IValue(tensor.live())) {
            stack.push_back(value);
        }
    }
}
