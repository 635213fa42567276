package dev.inlay.model;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Randomness;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.files.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A decoder without weights: what its {@code config.json} says, ready to be given some. */
public final class Architecture {
    /** The value that transformers takes where {@code initializer_range} is absent. */
    private static final double USUAL_DEVIATION = 0.02;

    private final DecoderConfig config;
    private final Blueprint blueprint;
    private final List<LinearSite> linears;
    private final double deviation;
    private final double outputDeviation;

    private Architecture(ConfigReader reader, Family family) {
        this.config = ModelDirectory.config(family, reader);
        this.blueprint = family.blueprint(config, reader, Set.of());
        this.linears = blueprint.linears();
        this.deviation = reader.positive("initializer_range", USUAL_DEVIATION);
        this.outputDeviation = deviation * blueprint.outputStart();
        reader.refuseTheRest();
    }

    /**
     * Reads a configuration.
     *
     * @param json the content of a {@code config.json}
     * @throws InlayException naming the file, the place and the reason
     */
    public static Architecture of(JsonObject json) {
        ConfigReader reader = new ConfigReader(json);
        return new Architecture(reader, Family.of(reader));
    }

    public DecoderConfig config() {
        return config;
    }

    /** Every linear map, in the order of computation, the head last. */
    public List<LinearSite> sites() {
        return linears;
    }

    /** Number of weights. */
    public long count() {
        return blueprint.weights(config, !config.tiedHead()).stream()
                .mapToLong(Blueprint.Weight::count)
                .sum();
    }

    /**
     * Weights to begin training with, float32, as transformers draws them: matrices normal with deviation
     * {@code initializer_range} (GPT-2 divides it by the root of twice the layers where a map writes to the residual
     * stream; Radford et al. 2019, section 2.3), biases 0, norms as no change.
     *
     * @param seed of all; each tensor draws its own numbers from it, whatever other tensors there are
     * @return by the names of the checkpoint, in the order of computation; of the innermost scope
     */
    public Map<String, Tensor> initial(long seed) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Blueprint.Weight weight : blueprint.weights(config, !config.tiedHead())) {
            long own = Randomness.derive(seed, weight.name().hashCode());
            tensors.put(
                    weight.name(),
                    switch (weight.part()) {
                        case MATRIX -> Tensor.normal(deviation, own, DType.FLOAT32, weight.shape());
                        case OUTPUT -> Tensor.normal(outputDeviation, own, DType.FLOAT32, weight.shape());
                        case BIAS -> Tensor.zeros(DType.FLOAT32, Device.CPU, weight.shape());
                        case NORM ->
                            Tensor.full(1 - config.norm().kind().offset(), DType.FLOAT32, Device.CPU, weight.shape());
                    });
        }
        return tensors;
    }

    /**
     * The decoder that computes with these weights; they must live longer than it.
     *
     * @param weights all that {@link #initial} names, in its shapes
     */
    public Decoder decoder(Map<String, Tensor> weights) {
        Scope owner = Scope.detached();
        try (Scope scope = Scope.open()) {
            DecoderWeights assembled = Assembly.of(config, blueprint, weights);
            assembled.tensors().forEach(owner::own);
            return new Decoder(config, blueprint, assembled, owner);
        }
    }
}
