package dev.inlay.adapter;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;
import dev.inlay.model.Site;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Biases of the base's maps that were trained: each takes the place of its map's own. PEFT: {@code bias}.
 *
 * @param biases [out] for each map, which must have one
 */
public record Biases(SortedMap<Site, Tensor> biases) implements Part {
    public Biases {
        biases = new TreeMap<>(biases);
    }

    /** The difference from the map's own is added: what others add to the map stays. */
    @Override
    public Intervention on(Decoder decoder, UnaryOperator<Tensor> own) {
        Map<Site, Tensor> differences = new LinkedHashMap<>();
        biases.forEach((site, bias) -> {
            Tensor before = decoder.bias(site)
                    .orElseThrow(() -> InlayException.adapter(
                            "the adapter brings a bias for %s, which has none in this model", site));
            Tensor difference = bias.to(decoder.device()).minus(before.to(DType.FLOAT32));
            differences.put(site, own.apply(difference.to(decoder.dtype())));
        });
        return new UpBiases.Added(differences, Gate.OPEN);
    }

    @Override
    public String kind() {
        return "biases of the base";
    }

    @Override
    public Set<Site> sites() {
        return biases.keySet();
    }

    @Override
    public Map<Slot, Tensor> tensors() {
        Map<Slot, Tensor> tensors = new LinkedHashMap<>();
        biases.forEach((site, bias) -> tensors.put(new Slot(site, Role.BIAS), bias));
        return tensors;
    }

    @Override
    public Biases mapTensors(UnaryOperator<Tensor> change) {
        SortedMap<Site, Tensor> mapped = new TreeMap<>();
        biases.forEach((site, bias) -> mapped.put(site, change.apply(bias)));
        return new Biases(mapped);
    }

    @Override
    public Optional<Edit> weightEdit(Site site) {
        return Optional.empty();
    }

    @Override
    public Optional<Edit> biasEdit(Site site) {
        return Optional.ofNullable(biases.get(site)).map(bias -> replacing(bias.reshape(bias.size(0), 1)));
    }

    /** An edit that puts another weight [out, in] in the place of a map's own. */
    static Edit replacing(Tensor weight) {
        Tensor wide = weight.detached().to(Device.CPU).to(DType.FLOAT64);
        return block -> block.values().copyFrom(block.of(wide));
    }

    @Override
    public boolean keepsTie() {
        return true;
    }
}
