package dev.inlay.adapter.twin;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import dev.inlay.adapter.Edit;
import dev.inlay.adapter.Gated;
import dev.inlay.adapter.Part;
import dev.inlay.adapter.Slot;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Activation;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;
import dev.inlay.model.Pass;
import dev.inlay.model.Reading;
import dev.inlay.model.Rows;
import dev.inlay.model.Site;
import dev.inlay.model.Stream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The part of an adapter that mixes logits: those of the adapter as its gate says, and those of the same adapter acting on
 * all tokens. What is mixed are the inputs of the unembedding, which is the same because it is linear; the adapter leaves it
 * alone.
 *
 * @param open weight of the adapter that acts on all tokens, from 0 (the gate alone) to 1
 */
public record LateFusion(double open) implements Part {
    public LateFusion {
        require(open >= 0 && open <= 1, "the weight of a side lies between 0 and 1, was %s", open);
    }

    /** @throws dev.inlay.InlayException if the decoder's logits are capped, and so not linear */
    @Override
    public Intervention on(Decoder decoder, UnaryOperator<Tensor> own) {
        require(
                Double.isInfinite(decoder.config().logitCap()),
                "logits of this model are capped at %s, and mixed logits are not those of mixed states",
                decoder.config().logitCap());
        return new Joined(open);
    }

    private record Joined(double open) implements Junction {
        @Override
        public Sides sides(List<? extends Gated> adapter) {
            return new Sides(
                    adapter, adapter.stream().map(each -> each.with(Gate.OPEN)).toList(), this);
        }

        @Override
        public int firstLength(Reading row) {
            return row.ids().length;
        }

        @Override
        public Set<Stream> streams() {
            return Set.of(Stream.FINAL_NORM);
        }

        @Override
        public Tensor at(Activation where, Tensor value, Pass pass) {
            Rows rows = pass.rows();
            int half = rows.start(rows.count() / 2);
            Tensor gated = value.narrow(0, 0, half);
            Tensor mixed =
                    gated.times(1 - open).plus(value.narrow(0, half, half).times(open));
            return Tensor.concat(0, List.of(gated, mixed));
        }
    }

    @Override
    public String kind() {
        return "late fusion";
    }

    @Override
    public Set<Site> sites() {
        return Set.of();
    }

    @Override
    public Map<Slot, Tensor> tensors() {
        return Map.of();
    }

    @Override
    public LateFusion mapTensors(UnaryOperator<Tensor> change) {
        return this;
    }

    @Override
    public void requireMergeable() {
        throw InlayException.adapter(
                "the adapter mixes the logits of two sides of a text, and a merged model has one; use it unmerged");
    }

    @Override
    public Optional<Edit> weightEdit(Site site) {
        return Optional.empty();
    }
}
