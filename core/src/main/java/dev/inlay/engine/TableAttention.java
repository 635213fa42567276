package dev.inlay.engine;

import dev.inlay.engine.Attention.Scoring;
import dev.inlay.engine.Visibility.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Attention by plain products, one block of queries at a time, so that keys that no query of the block sees cost nothing
 * and no table is larger than a block by the keys.
 *
 * <p>A <i>part</i> is one key head with the query heads that read it, all tokens of it as rows: [tokens * group,
 * head_dim]. In float32 the parts are taken one by one, because libtorch has no fast batched product for it; otherwise
 * all parts are one batch [kv_heads, tokens * group, head_dim].
 */
final class TableAttention {
    /** Weights over at most this many keys are kept for the gradient; above, they are computed again. */
    private static final long KEPT_KEYS = 512;

    private final Scoring scoring;
    private final Visibility visibility;
    private final long group;
    private final boolean batched;
    private final long frozen;

    private TableAttention(Scoring scoring, Visibility visibility, long group, boolean batched, long frozen) {
        this.scoring = scoring;
        this.visibility = visibility;
        this.group = group;
        this.batched = batched;
        this.frozen = frozen;
    }

    /** @param frozen so many first keys and values take no gradient */
    static Tensor apply(Tensor q, Tensor k, Tensor v, Scoring scoring, Visibility visibility, long frozen) {
        boolean batched = q.dtype() != DType.FLOAT32 || q.device().kind() != Device.Kind.CPU;
        return new TableAttention(scoring, visibility, q.size(1) / k.size(1), batched, frozen).run(q, k, v);
    }

    /** As {@link #apply} over a part of the keys, without gradients; see {@link PartialAttention}. */
    static PartialAttention partial(Tensor q, Tensor k, Tensor v, Scoring scoring, Visibility visibility) {
        boolean batched = q.dtype() != DType.FLOAT32 || q.device().kind() != Device.Kind.CPU;
        TableAttention table = new TableAttention(scoring, visibility, q.size(1) / k.size(1), batched, 0);
        List<Tensor> queries = table.split(q.times(scoring.scale()), k.size(1));
        List<Tensor> keys = table.split(k, k.size(1));
        List<Tensor> values = table.split(v, k.size(1));
        List<PartialAttention> parts = IntStream.range(0, queries.size())
                .mapToObj(i -> table.new Part(queries.get(i), keys.get(i), values.get(i)).partial())
                .toList();
        return new PartialAttention(
                table.join(parts.stream().map(PartialAttention::mix).toList(), table.group),
                table.join(parts.stream().map(PartialAttention::logSum).toList(), table.group));
    }

    private Tensor run(Tensor q, Tensor k, Tensor v) {
        boolean tracked = q.isTracked() || k.isTracked() || v.isTracked();
        List<Part> parts = new ArrayList<>();
        List<Tensor> saved = new ArrayList<>(visibility.tensors());
        List<Tensor> queries = split(q.detached().times(scoring.scale()), k.size(1));
        List<Tensor> keys = split(k.detached(), k.size(1));
        List<Tensor> values = split(v.detached(), k.size(1));
        for (int i = 0; i < queries.size(); i++) {
            Part part = new Part(queries.get(i), keys.get(i), values.get(i));
            part.forward(tracked);
            parts.add(part);
            saved.addAll(part.tensors());
        }
        Tensor y = join(parts.stream().map(part -> part.output).toList(), group);
        return y.from(
                g -> {
                    List<Tensor> gradients = split(g, g.size(1) / group);
                    for (int i = 0; i < parts.size(); i++) {
                        parts.get(i).backward(gradients.get(i));
                    }
                    q.give(
                            join(
                                            parts.stream()
                                                    .map(part -> part.queryGradient())
                                                    .toList(),
                                            group)
                                    .multiply(scoring.scale()),
                            true);
                    k.give(join(parts.stream().map(part -> part.keyGradient()).toList(), 1), true);
                    v.give(join(parts.stream().map(part -> part.valueGradient()).toList(), 1), true);
                },
                saved,
                q,
                k,
                v);
    }

    /** [tokens, heads, head_dim] into parts; each token's query heads of one key head become neighbouring rows. */
    private List<Tensor> split(Tensor x, long keyHeads) {
        long tokens = x.size(0);
        long members = x.size(1) / keyHeads;
        long width = x.size(2);
        Tensor byHead = x.reshape(tokens, keyHeads, members, width).permute(1, 0, 2, 3);
        Tensor rows = byHead.reshape(keyHeads, tokens * members, width).contiguous();
        return batched
                ? List.of(rows)
                : IntStream.range(0, (int) keyHeads)
                        .mapToObj(head -> rows.narrow(0, head, 1).reshape(tokens * members, width))
                        .toList();
    }

    /** The reverse of {@link #split}. */
    private Tensor join(List<Tensor> parts, long members) {
        long width = parts.get(0).size(-1);
        long tokens = parts.get(0).size(-2) / members;
        Tensor all = Tensor.concat(
                0,
                parts.stream()
                        .map(part -> part.reshape(-1, tokens, members, width))
                        .toList());
        return all.permute(1, 0, 2, 3).reshape(tokens, all.size(0) * members, width);
    }

    /** a b' over the last two dimensions. */
    private static Tensor product(Tensor a, Tensor b) {
        return a.rank() == 2 ? Linear.product(a, b) : a.matmul(b.transpose(-2, -1));
    }

    /** One key head, or a batch of all. */
    private final class Part {
        private final Tensor q;
        private final Tensor k;
        private final Tensor v;
        private final List<@Nullable Tensor> weights = new ArrayList<>();
        private Tensor output;
        private @Nullable Tensor dq;
        private @Nullable Tensor dk;
        private @Nullable Tensor dv;

        Part(Tensor q, Tensor k, Tensor v) {
            this.q = q;
            this.k = k;
            this.v = v;
            this.output = q;
        }

        void forward(boolean keep) {
            List<Tensor> outputs = new ArrayList<>();
            for (Block block : visibility.blocks()) {
                try (Scope scope = Scope.open()) {
                    Tensor table = weights(block);
                    outputs.add(scope.keep(product(table, seen(v, block).transpose(-2, -1))));
                    boolean kept = keep && block.endKey() - block.firstKey() <= KEPT_KEYS;
                    weights.add(kept ? scope.keep(table) : null);
                }
            }
            output = outputs.size() == 1 ? outputs.get(0) : Tensor.concat(q.rank() - 2, outputs);
        }

        /** [queries * group, head_dim] and [queries * group, 1] of this part. */
        PartialAttention partial() {
            List<PartialAttention> outputs = new ArrayList<>();
            for (Block block : visibility.blocks()) {
                try (Scope scope = Scope.open()) {
                    Tensor scores = scores(block);
                    scores = scores.dtype().isHalf() ? scores.to(DType.FLOAT32) : scores;
                    Tensor table = scores.softmax();
                    Tensor mix = product(table.to(v.dtype()), seen(v, block).transpose(-2, -1));
                    outputs.add(
                            new PartialAttention(scope.keep(mix), scope.keep(PartialAttention.logSum(scores, table))));
                }
            }
            return PartialAttention.concat(q.rank() - 2, outputs);
        }

        /** [queries * group, keys] of one block. */
        private Tensor weights(Block block) {
            return scores(block).softmax();
        }

        private Tensor scores(Block block) {
            Tensor scores = Activations.softCap(product(asking(q, block), seen(k, block)), scoring.softCap());
            Tensor mask = block.mask();
            if (mask != null) {
                long width = mask.size(1);
                scores.narrow(scores.rank() - 1, block.maskFrom() - block.firstKey(), width)
                        .add(mask);
            }
            return scores;
        }

        List<Tensor> tensors() {
            List<Tensor> all = new ArrayList<>(List.of(q, k, v, output));
            for (Tensor table : weights) {
                if (table != null) {
                    all.add(table);
                }
            }
            return all;
        }

        void backward(Tensor g) {
            List<Tensor> queryParts = new ArrayList<>();
            dk = Tensor.zeros(k.dtype(), k.device(), k.shape());
            dv = Tensor.zeros(v.dtype(), v.device(), v.shape());
            for (int i = 0; i < visibility.blocks().size(); i++) {
                Block block = visibility.blocks().get(i);
                try (Scope scope = Scope.open()) {
                    Tensor kept = weights.get(i);
                    Tensor table = kept == null ? weights(block) : kept;
                    queryParts.add(scope.keep(backward(block, table, asking(g, block), dk, dv)));
                }
            }
            dq = queryParts.size() == 1 ? queryParts.get(0) : Tensor.concat(q.rank() - 2, queryParts);
        }

        /**
         * With w the weights: ds = w * (g v' - sum(g * output)); dq = ds k, dk += ds' q, dv += w' g. Through a cap ds is
         * multiplied by the slope of the cap first.
         */
        private Tensor backward(Block block, Tensor table, Tensor g, Tensor keySum, Tensor valueSum) {
            addTo(valueSum, block, table, g);
            Tensor along = g.times(asking(output, block)).sum(-1).to(g.dtype());
            Tensor ds = product(g, seen(v, block)).add(along, -1).multiply(table);
            if (scoring.isCapped()) {
                ds.multiply(slope(block));
            }
            addTo(keySum, block, ds, asking(q, block));
            return product(ds, seen(k, block).transpose(-2, -1));
        }

        /** Adds {@code table' x} to what those keys of a block get that take a gradient. */
        private void addTo(Tensor sum, Block block, Tensor table, Tensor x) {
            long first = Math.max(block.firstKey(), frozen);
            long count = block.endKey() - first;
            if (count > 0) {
                Tensor columns = table.narrow(table.rank() - 1, first - block.firstKey(), count);
                sum.narrow(sum.rank() - 2, first, count).add(product(columns.transpose(-2, -1), x.transpose(-2, -1)));
            }
        }

        /** Derivative of the cap at the scores of a block, 1 - tanh(score / cap)^2; the scores are computed again. */
        private Tensor slope(Block block) {
            Tensor bent = product(asking(q, block), seen(k, block))
                    .multiply(1 / scoring.softCap())
                    .tanh();
            return bent.multiply(bent).multiply(-1).add(1);
        }

        private Tensor seen(Tensor rows, Block block) {
            return rows.narrow(rows.rank() - 2, block.firstKey(), block.endKey() - block.firstKey());
        }

        private Tensor asking(Tensor rows, Block block) {
            return rows.narrow(rows.rank() - 2, block.from() * group, (block.to() - block.from()) * group);
        }

        Tensor queryGradient() {
            return made(dq);
        }

        Tensor keyGradient() {
            return made(dk);
        }

        Tensor valueGradient() {
            return made(dv);
        }

        private Tensor made(@Nullable Tensor gradient) {
            if (gradient == null) {
                throw new EngineException("the gradient of attention was asked for before it was computed");
            }
            return gradient;
        }
    }
}
