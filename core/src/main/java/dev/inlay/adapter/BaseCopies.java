package dev.inlay.adapter;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.Site;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Weights of the base that the adapter's file repeats, as PEFT does for an embedding or head that it adapts. They change
 * nothing; they tell that the base is the one of the training.
 *
 * @param weights [vocabulary, width] at {@link Site#EMBEDDING}, {@link Site#HEAD} or both
 */
public record BaseCopies(SortedMap<Site, Tensor> weights) implements Part, Intervention {
    public BaseCopies {
        weights = new TreeMap<>(weights);
    }

    /** {@inheritDoc} It is an error if the decoder's weight is another. */
    @Override
    public Intervention on(Decoder decoder, UnaryOperator<Tensor> own) {
        weights.forEach((site, copy) -> {
            Tensor matrix = decoder.weight(site);
            Tensor weight = site.equals(Site.EMBEDDING) ? matrix.transposed() : matrix;
            // Either side may have been rounded on its way: the base in training, or this one while loading.
            boolean same = Stream.of(decoder.dtype(), DType.BFLOAT16, DType.FLOAT16)
                    .anyMatch(type -> isSame(copy.to(decoder.device()), weight, type));
            if (!same) {
                throw InlayException.adapter(
                        "the adapter was trained on another base: the weight of its %s, which the adapter's file repeats,"
                                + " is not this model's",
                        site);
            }
        });
        return this;
    }

    private static boolean isSame(Tensor copy, Tensor weight, DType type) {
        try (Scope scope = Scope.open()) {
            return copy.to(type).minus(weight.to(type)).maxAbs() == 0;
        }
    }

    @Override
    public String kind() {
        return "copies of the base";
    }

    @Override
    public Set<Site> sites() {
        return Set.of();
    }

    @Override
    public Map<Slot, Tensor> tensors() {
        Map<Slot, Tensor> tensors = new LinkedHashMap<>();
        weights.forEach((site, weight) -> tensors.put(new Slot(site, Role.COPY), weight));
        return tensors;
    }

    @Override
    public BaseCopies mapTensors(UnaryOperator<Tensor> change) {
        SortedMap<Site, Tensor> mapped = new TreeMap<>();
        weights.forEach((site, weight) -> mapped.put(site, change.apply(weight)));
        return new BaseCopies(mapped);
    }

    @Override
    public Optional<Edit> weightEdit(Site site) {
        return Optional.empty();
    }
}
