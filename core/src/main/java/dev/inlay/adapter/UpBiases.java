package dev.inlay.adapter;

import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Acting;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;
import dev.inlay.model.Pass;
import dev.inlay.model.Reading;
import dev.inlay.model.Site;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Biases behind the second factor of low-rank changes: each adds {@code scale * bias} to the output of its map. PEFT:
 * {@code lora_bias}.
 *
 * @param biases one for each map
 * @param gate which tokens; that of the low-rank changes
 */
public record UpBiases(SortedMap<Site, Scaled> biases, Gate gate) implements Part {
    /**
     * @param bias [out]
     * @param scale that of the low-rank change
     */
    public record Scaled(Tensor bias, double scale) {}

    public UpBiases {
        biases = new TreeMap<>(biases);
    }

    @Override
    public Intervention on(Decoder decoder, UnaryOperator<Tensor> own) {
        Map<Site, Tensor> sums = new LinkedHashMap<>();
        biases.forEach((site, each) -> {
            Tensor scaled = each.bias().times(each.scale());
            sums.put(site, own.apply(scaled.to(decoder.device()).to(decoder.dtype())));
        });
        return new Added(sums, gate);
    }

    @Override
    public UpBiases with(Gate other) {
        return new UpBiases(biases, other);
    }

    /** Vectors [out] that are added to the outputs of maps. */
    record Added(Map<Site, Tensor> vectors, Gate gate) implements Gated {
        @Override
        public Added with(Gate other) {
            return new Added(vectors, other);
        }

        @Override
        public Tensor project(Site site, Tensor input, Tensor output, Pass pass) {
            Tensor vector = vectors.get(site);
            if (vector == null) {
                return output;
            }
            Acting acting = pass.acting(gate);
            return acting.apply(input, output, pass, (x, y, open) -> y.plus(acting.of(vector)));
        }

        @Override
        public int begins(Reading row) {
            return gate.over(row).firstOpen();
        }
    }

    @Override
    public String kind() {
        return "biases of the second factors";
    }

    @Override
    public Set<Site> sites() {
        return biases.keySet();
    }

    @Override
    public Map<Slot, Tensor> tensors() {
        Map<Slot, Tensor> tensors = new LinkedHashMap<>();
        biases.forEach((site, each) -> tensors.put(new Slot(site, Role.UP_BIAS), each.bias()));
        return tensors;
    }

    @Override
    public UpBiases mapTensors(UnaryOperator<Tensor> change) {
        SortedMap<Site, Scaled> mapped = new TreeMap<>();
        biases.forEach((site, each) -> mapped.put(site, new Scaled(change.apply(each.bias()), each.scale())));
        return new UpBiases(mapped, gate);
    }

    @Override
    public void requireMergeable() {
        Part.requireOpen(gate);
    }

    @Override
    public String setting(Site site) {
        Scaled scaled = biases.get(site);
        return scaled == null ? "" : String.valueOf(scaled.scale());
    }

    @Override
    public Optional<Edit> weightEdit(Site site) {
        return Optional.empty();
    }

    @Override
    public Optional<Edit> biasEdit(Site site) {
        return Optional.ofNullable(biases.get(site)).map(each -> {
            Tensor wide = each.bias()
                    .detached()
                    .to(Device.CPU)
                    .to(DType.FLOAT64)
                    .reshape(each.bias().size(0), 1);
            return block -> block.values().add(block.of(wide), each.scale());
        });
    }

    /** A head has no bias in any family; a bias that it got could not be merged either way. */
    @Override
    public boolean keepsTie() {
        return true;
    }
}
