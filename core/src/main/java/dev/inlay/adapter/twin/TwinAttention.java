package dev.inlay.adapter.twin;

import dev.inlay.engine.Attention;
import dev.inlay.engine.DType;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Visibility;
import dev.inlay.model.Attending;
import dev.inlay.model.Intervention;
import dev.inlay.model.Mixing;
import dev.inlay.model.Pass;
import dev.inlay.model.Rows;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Attention of a {@link TwinPass}: base sides by themselves, adapted sides as their {@link Readers} say.
 *
 * @param adapter what acts on the adapted side
 */
record TwinAttention(TwinReaders part, List<Intervention> adapter) implements Intervention, Mixing {
    @Override
    public Mixing mixing() {
        return this;
    }

    @Override
    public Tensor mix(Attending layer) {
        Rows rows = layer.pass().rows();
        TwinHeads heads = new TwinHeads(layer, adapter);
        List<Tensor> mixed = new ArrayList<>();
        for (int row = 0; row < rows.count() / 2; row++) {
            mixed.add(layer.within(row));
        }
        for (int row = 0; row < rows.count() / 2; row++) {
            mixed.add(new Row(layer, heads.of(row), prefix(layer.pass(), rows.count() / 2 + row)).mix());
        }
        return Tensor.concat(0, mixed);
    }

    /** Tokens of a row before its gate opens. */
    int prefix(Pass pass, int row) {
        return Math.min(pass.segments(part.gate(), row).firstOpen(), pass.rows().length(row));
    }

    /** Keys that stand side by side in one softmax, and their values. */
    private record Block(Tensor scores, Tensor values) {}

    /** The adapted side of one row in one layer. */
    private final class Row {
        private final Attending layer;
        private final TwinHeads.Row sides;
        private final int prefix;
        private final int length;

        Row(Attending layer, TwinHeads.Row sides, int prefix) {
            this.layer = layer;
            this.sides = sides;
            this.prefix = prefix;
            this.length = sides.length();
        }

        /** [length, heads, head_dim]; neighbouring heads with the same reader are computed together. */
        Tensor mix() {
            List<Tensor> parts = new ArrayList<>();
            int heads = sides.keyHeads();
            int first = 0;
            while (first < heads) {
                Reader reader = part.readers().of(layer.layer(), first);
                int end = first + 1;
                while (end < heads && part.readers().of(layer.layer(), end).equals(reader)) {
                    end++;
                }
                parts.add(mix(reader, sides.narrow(first, end)));
                first = end;
            }
            return parts.size() == 1 ? parts.get(0) : Tensor.concat(1, parts);
        }

        private Tensor mix(Reader reader, TwinHeads.Row heads) {
            List<Tensor> segments = new ArrayList<>();
            if (prefix > 0) {
                segments.add(causal(reader.inside(), heads, prefix));
            }
            if (prefix < length) {
                segments.add(prefix == 0 ? causal(reader.suffix(), heads, length) : across(reader, heads));
            }
            return segments.size() == 1 ? segments.get(0) : Tensor.concat(0, segments);
        }

        /** The first queries over their own positions. */
        private Tensor causal(Source source, TwinHeads.Row heads, int to) {
            if (!source.hasWholeQueries()) {
                return joined(List.of(block(source, heads, null, 0, to, 0, to)));
            }
            return attend(
                    heads.queries(Share.ADAPTED, 0, to),
                    heads.keys(source.keys(), 0, to),
                    heads.values(source.values(), 0, to));
        }

        /** Queries of the suffix over prefix and suffix. */
        private Tensor across(Reader reader, TwinHeads.Row heads) {
            List<Source> sources = reader.prefix();
            Source source = sources.get(0);
            int suffix = length - prefix;
            if (sources.size() == 1
                    && source.hasWholeQueries()
                    && reader.suffix().hasWholeQueries()) {
                Source own = reader.suffix();
                return attend(
                        heads.queries(Share.ADAPTED, prefix, suffix),
                        behind(heads.keys(source.keys(), 0, prefix), heads.keys(own.keys(), prefix, suffix)),
                        behind(heads.values(source.values(), 0, prefix), heads.values(own.values(), prefix, suffix)));
            }
            List<Block> blocks = new ArrayList<>();
            for (int i = 0; i < sources.size(); i++) {
                Tensor bias = sources.size() > 1 ? heads.bias(part.biases().get(layer.layer()), i) : null;
                blocks.add(block(sources.get(i), heads, bias, prefix, length, 0, prefix));
            }
            blocks.add(block(reader.suffix(), heads, null, prefix, length, prefix, length));
            return joined(blocks);
        }

        private Tensor behind(Tensor first, Tensor second) {
            return Tensor.concat(0, List.of(first, second));
        }

        /** Whole queries, the last of the keys' positions. */
        private Tensor attend(Tensor q, Tensor k, Tensor v) {
            long group = q.size(1) / k.size(1);
            Visibility visibility = Visibility.causal(
                    q.size(0), k.size(0), Math.min(layer.window(), k.size(0)), group, q.dtype(), q.device());
            return Attention.apply(q, k, v, layer.scoring(), visibility);
        }

        /** @param bias [heads, 1, 1], or null */
        private Block block(
                Source source, TwinHeads.Row heads, @Nullable Tensor bias, int from, int to, int firstKey, int endKey) {
            Tensor scores = Attention.scored(
                    heads.products(source, from, to - from, firstKey, endKey - firstKey), layer.scoring());
            if (bias != null) {
                scores = scores.plus(bias.to(scores.dtype()));
            }
            DType type = scores.dtype();
            Tensor mask = Visibility.causalMask(from, to, firstKey, endKey, layer.window(), type, scores.device());
            return new Block(scores.plus(mask), heads.values(source.values(), firstKey, endKey - firstKey));
        }

        private Tensor joined(List<Block> blocks) {
            Tensor weights = Tensor.concat(2, blocks.stream().map(Block::scores).toList())
                    .softmax();
            return Attention.mix(
                    weights, Tensor.concat(0, blocks.stream().map(Block::values).toList()));
        }
    }
}
