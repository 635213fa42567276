package dev.inlay.adapter;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Linear;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.Pass;
import dev.inlay.model.Site;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Vectors of some tokens that take the place of those in the embedding, in the head, or in both. PEFT:
 * {@code trainable_token_indices}.
 *
 * @param vectors at {@link Site#EMBEDDING}, {@link Site#HEAD} or both
 * @param tied whether the head's are those of the embedding and stored once
 */
public record TokenVectors(SortedMap<Site, Chosen> vectors, boolean tied) implements Part {
    /**
     * @param ids of tokens, each once
     * @param rows [ids, width]
     */
    public record Chosen(List<Integer> ids, Tensor rows) {
        public Chosen {
            ids = List.copyOf(ids);
            if (rows.rank() != 2 || rows.size(0) != ids.size() || new HashSet<>(ids).size() != ids.size()) {
                throw InlayException.adapter("%d different tokens need one vector each, found %s", ids.size(), rows);
            }
        }

        /**
         * @param input ids, [tokens]
         * @param output [tokens, width]
         */
        private Tensor embed(Tensor input, Tensor output) {
            Map<Long, Integer> places = new HashMap<>();
            for (int i = 0; i < ids.size(); i++) {
                places.put(ids.get(i).longValue(), i);
            }
            long[] tokens = input.toLongs();
            long[] from = new long[tokens.length];
            for (int i = 0; i < tokens.length; i++) {
                Integer place = places.get(tokens[i]);
                from[i] = place == null ? i : (long) tokens.length + place;
            }
            return Tensor.concat(0, List.of(output, rows))
                    .rows(Tensor.of(from, from.length).to(output.device()));
        }

        /**
         * @param input [tokens, width]
         * @param output [tokens, vocabulary]
         */
        private Tensor unembed(Tensor input, Tensor output) {
            int vocabulary = (int) output.size(1);
            long[] from = new long[vocabulary];
            for (int i = 0; i < vocabulary; i++) {
                from[i] = i;
            }
            for (int i = 0; i < ids.size(); i++) {
                from[ids.get(i)] = (long) vocabulary + i;
            }
            Tensor own = Linear.apply(input, rows, null);
            return Tensor.concat(1, List.of(output, own))
                    .transposed()
                    .rows(Tensor.of(from, from.length).to(output.device()))
                    .transposed();
        }
    }

    public TokenVectors {
        vectors = new TreeMap<>(vectors);
    }

    @Override
    public Intervention on(Decoder decoder, UnaryOperator<Tensor> own) {
        vectors.forEach((site, chosen) -> chosen.ids()
                .forEach(id -> InlayException.require(
                        id < decoder.config().vocabulary(),
                        "the adapter has a vector for token %d, the vocabulary ends at %d",
                        id,
                        decoder.config().vocabulary())));
        TokenVectors here =
                mapTensors(rows -> own.apply(rows.to(decoder.device()).to(decoder.dtype())));
        return new Running(here.vectors);
    }

    private record Running(Map<Site, Chosen> vectors) implements Intervention {
        @Override
        public Tensor project(Site site, Tensor input, Tensor output, Pass pass) {
            Chosen chosen = vectors.get(site);
            if (chosen == null) {
                return output;
            }
            return site.equals(Site.EMBEDDING) ? chosen.embed(input, output) : chosen.unembed(input, output);
        }
    }

    @Override
    public String kind() {
        return "vectors of tokens";
    }

    @Override
    public Set<Site> sites() {
        return vectors.keySet();
    }

    @Override
    public Map<Slot, Tensor> tensors() {
        Map<Slot, Tensor> tensors = new LinkedHashMap<>();
        vectors.forEach((site, chosen) -> {
            if (!tied || site.equals(Site.EMBEDDING)) {
                tensors.put(new Slot(site, Role.TOKENS), chosen.rows());
            }
        });
        return tensors;
    }

    @Override
    public String setting(Site site) {
        Chosen chosen = vectors.get(site);
        return chosen == null ? "" : String.valueOf(chosen.ids());
    }

    @Override
    public TokenVectors mapTensors(UnaryOperator<Tensor> change) {
        SortedMap<Site, Chosen> mapped = new TreeMap<>();
        vectors.forEach((site, chosen) -> {
            Chosen embedding = mapped.get(Site.EMBEDDING);
            mapped.put(
                    site,
                    tied && embedding != null ? embedding : new Chosen(chosen.ids(), change.apply(chosen.rows())));
        });
        return new TokenVectors(mapped, tied);
    }

    @Override
    public Optional<Edit> weightEdit(Site site) {
        return Optional.ofNullable(vectors.get(site)).map(chosen -> edit(site, chosen));
    }

    private static Edit edit(Site site, Chosen chosen) {
        Tensor rows = chosen.rows().detached().to(Device.CPU).to(DType.FLOAT64);
        boolean inputs = site.equals(Site.EMBEDDING);
        return block -> {
            int dimension = inputs ? 1 : 0;
            long first = inputs ? block.firstIn() : block.firstOut();
            for (int i = 0; i < chosen.ids().size(); i++) {
                long at = chosen.ids().get(i) - first;
                if (at >= 0 && at < block.values().size(dimension)) {
                    Tensor row = rows.narrow(0, i, 1);
                    block.values().narrow(dimension, at, 1).copyFrom(inputs ? row.transposed() : row);
                }
            }
        };
    }

    @Override
    public boolean goesFirst() {
        return true;
    }

    @Override
    public boolean keepsTie() {
        return tied;
    }
}
