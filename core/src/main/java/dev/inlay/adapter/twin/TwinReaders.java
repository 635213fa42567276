package dev.inlay.adapter.twin;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import dev.inlay.adapter.Edit;
import dev.inlay.adapter.Part;
import dev.inlay.adapter.Role;
import dev.inlay.adapter.Slot;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;
import dev.inlay.model.Projection;
import dev.inlay.model.Site;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The part of an adapter that says whose keys and values its tokens read: those that the base makes of the text, those of
 * the adapted model, or a mixture. The other parts then act on all tokens of the adapted side; their gates say nothing.
 *
 * @param gate where the prefix ends: at its first open token
 * @param biases by layer, [sources, heads] added to the scores of each of several sources; none for zeros
 */
public record TwinReaders(Readers readers, Gate gate, SortedMap<Integer, Tensor> biases) implements Part {
    public TwinReaders {
        biases = new TreeMap<>(biases);
    }

    /** Without biases. */
    public static TwinReaders of(Readers readers, Gate gate) {
        return new TwinReaders(readers, gate, new TreeMap<>());
    }

    /**
     * With a bias for each of several sources, the same in all layers and heads to begin with; new tensors of the innermost
     * scope.
     *
     * @param biases ln(1/2) for each of two equal sources gives each half the weight, so that they are as one
     */
    public static TwinReaders of(Decoder decoder, Readers readers, Gate gate, double... biases) {
        SortedMap<Integer, Tensor> byLayer = new TreeMap<>();
        int heads = decoder.config().attention().heads();
        double[] values = new double[biases.length * heads];
        for (int i = 0; i < values.length; i++) {
            require(Double.isFinite(biases[i / heads]), "a bias must be finite, was %s", biases[i / heads]);
            values[i] = biases[i / heads];
        }
        for (int layer = 0; layer < decoder.config().layers(); layer++) {
            byLayer.put(layer, Tensor.of(values, biases.length, heads));
        }
        return new TwinReaders(readers, gate, byLayer);
    }

    @Override
    public Intervention on(Decoder decoder, UnaryOperator<Tensor> own) {
        return new ReadersJunction(mapTensors(bias -> own.apply(bias.to(decoder.device()))), readsWholeBase(decoder));
    }

    private boolean readsWholeBase(Decoder decoder) {
        int heads = decoder.config().attention().keyValueHeads();
        return IntStream.range(0, decoder.config().layers() * heads)
                .mapToObj(i -> readers.of(i / heads, i % heads))
                .anyMatch(Reader::readsWholeBase);
    }

    @Override
    public String kind() {
        return "readers of two sides";
    }

    /** No map is changed. */
    @Override
    public Set<Site> sites() {
        return Set.of();
    }

    @Override
    public Map<Slot, Tensor> tensors() {
        Map<Slot, Tensor> tensors = new LinkedHashMap<>();
        biases.forEach((layer, bias) ->
                tensors.put(new Slot(new Site(layer, Projection.QUERY), Role.SOURCE_BIAS), bias));
        return tensors;
    }

    @Override
    public TwinReaders mapTensors(UnaryOperator<Tensor> change) {
        SortedMap<Integer, Tensor> changed = new TreeMap<>();
        biases.forEach((layer, bias) -> changed.put(layer, change.apply(bias)));
        return new TwinReaders(readers, gate, changed);
    }

    @Override
    public TwinReaders with(Gate other) {
        return new TwinReaders(readers, other, biases);
    }

    @Override
    public void requireMergeable() {
        throw InlayException.adapter(
                "the adapter's tokens read two sides of a text, and a merged model has one; use it unmerged");
    }

    @Override
    public Optional<Edit> weightEdit(Site site) {
        return Optional.empty();
    }
}
