package dev.inlay.adapter.twin;

import dev.inlay.adapter.Gated;
import dev.inlay.adapter.Parts;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Attending;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;
import dev.inlay.model.Mixing;
import dev.inlay.model.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What scores and values of an adapter that acts on all tokens are made of, where the suffix of a row reads its prefix:
 * products of what the base has and of what the adapter adds, layer by layer.
 *
 * @param gate where the prefix ends: at its first open token
 */
public record Terms(Decoder decoder, Parts adapter, Gate gate) {
    /**
     * Runs a row.
     *
     * @param observer gets each layer, in the order of computation; its tensors live until the observer returns
     */
    public void of(Reading row, Consumer<LayerTerms> observer) {
        try (Scope scope = Scope.open()) {
            List<Intervention> acting = new ArrayList<>(adapter.on(decoder));
            acting.add(new Observed(TwinReaders.of(Readers.all(Reader.ADAPTED), gate), observer));
            decoder.hidden(TwinPass.over(List.of(row), acting).pass());
        }
    }

    private record Observed(TwinReaders readers, Consumer<LayerTerms> observer) implements Junction {
        @Override
        public Sides sides(List<? extends Gated> adapter) {
            Sides sides = new ReadersJunction(readers, true).sides(adapter);
            List<Intervention> everywhere = List.copyOf(sides.second());
            return new Sides(
                    sides.first(), everywhere, new Observing(new TwinAttention(readers, everywhere), observer));
        }

        @Override
        public int firstLength(Reading row) {
            return row.ids().length;
        }
    }

    private record Observing(TwinAttention inner, Consumer<LayerTerms> observer) implements Intervention, Mixing {
        @Override
        public Mixing mixing() {
            return this;
        }

        @Override
        public Tensor mix(Attending layer) {
            int prefix = inner.prefix(layer.pass(), 1);
            observer.accept(new LayerTerms(
                    layer, new TwinHeads(layer, inner.adapter()).complete().of(0), prefix));
            return inner.mix(layer);
        }
    }
}
