package dev.inlay.adapter.twin;

import dev.inlay.engine.Attention;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Attending;
import dev.inlay.model.Attending.Heads;
import dev.inlay.model.Intervention;
import dev.inlay.model.Rows;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Queries, keys and values of one layer of a {@link TwinPass} by their shares.
 *
 * <p>Each is a sum of four vectors with whole coefficients: base and adapted input through base and changed maps. What has
 * coefficient 0 is not computed, and a whole side is its own vector bit by bit.
 */
final class TwinHeads {
    private final Attending layer;
    private final List<Intervention> adapter;
    private @Nullable Heads unchanged;
    private @Nullable Heads changed;

    TwinHeads(Attending layer, List<Intervention> adapter) {
        this.layer = layer;
        this.adapter = adapter;
    }

    /** All inputs through the base's maps. */
    private Heads unchanged() {
        if (unchanged == null) {
            unchanged = layer.under(List.of());
        }
        return unchanged;
    }

    /** All inputs through the changed maps. */
    private Heads changed() {
        if (changed == null) {
            changed = layer.under(adapter);
        }
        return changed;
    }

    /** Computes all that is otherwise computed when it is first asked for, in whatever scope is open then. */
    TwinHeads complete() {
        unchanged();
        changed();
        return this;
    }

    /** @param row of the text */
    Row of(int row) {
        Rows rows = layer.pass().rows();
        int second = rows.count() / 2 + row;
        int keyHeads = (int) layer.own().keys().size(1);
        return new Row(
                rows.start(row),
                rows.start(second),
                rows.length(second),
                0,
                keyHeads,
                (int) layer.own().queries().size(1) / keyHeads);
    }

    /** The heads of one text, or some of them. */
    final class Row {
        private final int first;
        private final int second;
        private final int length;
        private final int firstHead;
        private final int endHead;
        private final int group;

        private Row(int first, int second, int length, int firstHead, int endHead, int group) {
            this.first = first;
            this.second = second;
            this.length = length;
            this.firstHead = firstHead;
            this.endHead = endHead;
            this.group = group;
        }

        /** Tokens of the adapted side. */
        int length() {
            return length;
        }

        int keyHeads() {
            return endHead - firstHead;
        }

        /** Some key heads, and the query heads that read them. */
        Row narrow(int from, int to) {
            return new Row(first, second, length, firstHead + from, firstHead + to, group);
        }

        /** [count, heads, head_dim] */
        Tensor queries(Set<Share> shares, int from, int count) {
            return sum(shares, Heads::queries, from, count)
                    .narrow(1, (long) firstHead * group, (long) keyHeads() * group);
        }

        /** [count, kv_heads, head_dim] */
        Tensor keys(Set<Share> shares, int from, int count) {
            return sum(shares, Heads::keys, from, count).narrow(1, firstHead, keyHeads());
        }

        /** [count, kv_heads, head_dim] */
        Tensor values(Set<Share> shares, int from, int count) {
            return sum(shares, Heads::values, from, count).narrow(1, firstHead, keyHeads());
        }

        /**
         * Sum of the terms of a source, not scaled.
         *
         * @return [heads, queries, keys]
         */
        Tensor products(Source source, int from, int count, int firstKey, int keyCount) {
            Map<Set<Share>, List<Share>> keysOf = new LinkedHashMap<>();
            for (Share key : source.keys()) {
                keysOf.computeIfAbsent(source.queriesOf(key), asked -> new ArrayList<>())
                        .add(key);
            }
            List<Tensor> products = new ArrayList<>();
            keysOf.forEach((queries, keys) -> products.add(
                    Attention.products(queries(queries, from, count), keys(Set.copyOf(keys), firstKey, keyCount))));
            return total(products);
        }

        /** The bias of these heads for one of several sources, [heads, 1, 1]; null where there is none. */
        @Nullable
        Tensor bias(@Nullable Tensor biases, int source) {
            return biases == null
                    ? null
                    : biases.narrow(0, source, 1)
                            .narrow(1, (long) firstHead * group, (long) keyHeads() * group)
                            .reshape((long) keyHeads() * group, 1, 1);
        }

        private Tensor sum(Set<Share> shares, Function<Heads, Tensor> part, int from, int count) {
            int base = count(shares, Share.BASE) - count(shares, Share.INDIRECT) - count(shares, Share.DIRECT_ON_BASE);
            int adaptedInput = count(shares, Share.INDIRECT) - count(shares, Share.DIRECT);
            List<Tensor> vectors = new ArrayList<>();
            add(vectors, count(shares, Share.DIRECT), layer::own, part, second + from, count);
            add(vectors, adaptedInput, TwinHeads.this::unchanged, part, second + from, count);
            add(vectors, count(shares, Share.DIRECT_ON_BASE), TwinHeads.this::changed, part, first + from, count);
            add(vectors, base, layer::own, part, first + from, count);
            return total(vectors);
        }

        private void add(
                List<Tensor> vectors,
                int coefficient,
                Supplier<Heads> heads,
                Function<Heads, Tensor> part,
                int start,
                int count) {
            if (coefficient != 0) {
                Tensor vector = part.apply(heads.get()).narrow(0, start, count);
                vectors.add(coefficient == 1 ? vector : vector.times(coefficient));
            }
        }
    }

    private static int count(Set<Share> shares, Share share) {
        return shares.contains(share) ? 1 : 0;
    }

    private static Tensor total(List<Tensor> all) {
        Tensor sum = Objects.requireNonNull(all.get(0));
        for (int i = 1; i < all.size(); i++) {
            sum = sum.plus(all.get(i));
        }
        return sum;
    }
}
