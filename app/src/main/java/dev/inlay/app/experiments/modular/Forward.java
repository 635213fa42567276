package dev.inlay.app.experiments.modular;

import dev.inlay.engine.CrossEntropy;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.ShortAttention;
import dev.inlay.engine.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The model: x becomes x + step (W_o attention(x) + b_o) at each depth; one head, no mask, no norm, scores over
 * sqrt(width).
 */
record Forward(Sizes sizes) {
    /** [pairs, vocabulary] of the last position. */
    Tensor logits(Weights weights, Examples examples) {
        int last = sizes.depth() - 1;
        Tensor x = embedded(weights, examples);
        for (int k = 0; k < last; k++) {
            x = applied(weights.block(k), x, 0);
        }
        // Nobody reads the other positions of the last block.
        x = applied(weights.block(last), x, Sizes.POSITIONS - 1);
        return x.reshape(sizes.width(), examples.count())
                .transposed()
                .matmul(weights.unembedding().transposed());
    }

    /** Hidden states [width, position, pair] before the first block and after each. */
    List<Tensor> states(Weights weights, Examples examples) {
        List<Tensor> states = new ArrayList<>(List.of(embedded(weights, examples)));
        for (int k = 0; k < sizes.depth(); k++) {
            states.add(applied(weights.block(k), states.get(k), 0));
        }
        return states;
    }

    /** Mean cross-entropy in nats. */
    static Tensor loss(Tensor logits, Examples examples) {
        DType type = logits.dtype();
        Tensor share = Tensor.full(1.0 / examples.count(), type, Device.CPU, examples.count(), 1);
        return CrossEntropy.perRow(logits, examples.labels()).times(share).sum();
    }

    private Tensor embedded(Weights weights, Examples examples) {
        return weights.embedding()
                .rows(examples.tokens())
                .transposed()
                .reshape(sizes.width(), Sizes.POSITIONS, examples.count())
                .plus(weights.positions());
    }

    /** The block's output at the positions from {@code first} on, [width, queries, pairs]. */
    private Tensor applied(Block block, Tensor x, int first) {
        long d = sizes.width();
        long keys = Sizes.POSITIONS;
        long queries = keys - first;
        long n = x.size(2);
        Tensor asking = x.narrow(1, first, queries);
        Tensor q = projected(block, Projection.QUERY, asking);
        Tensor k = projected(block, Projection.KEY, x);
        Tensor v = projected(block, Projection.VALUE, x);
        Tensor mixed =
                ShortAttention.apply(q, k, v, 1 / Math.sqrt(sizes.width())).reshape(d, queries * n);
        Tensor output = block.out().matmul(mixed).plus(block.bias()).reshape(d, queries, n);
        return asking.plus(sizes.step() == 1 ? output : output.times(sizes.step()));
    }

    private static Tensor projected(Block block, Projection which, Tensor x) {
        return block.projection(which)
                .matmul(x.reshape(x.size(0), x.size(1) * x.size(2)))
                .reshape(x.size(0), x.size(1), x.size(2));
    }
}
