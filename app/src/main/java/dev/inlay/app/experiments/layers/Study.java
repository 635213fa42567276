package dev.inlay.app.experiments.layers;

import dev.inlay.InlayException;
import dev.inlay.engine.Randomness;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Architecture;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.files.Json;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The states of a text in a model, with an adapter where there is one, and always with their controls.
 *
 * @param states of the bare model, in which {@code base} was measured
 * @param differences of adapter and base; empty without adapter
 */
record Study(
        HiddenStates states,
        LayerMeasures base,
        Optional<LayerMeasures> adapter,
        Controls controls,
        List<Difference> differences) {
    /** Passes that a study makes, for a bar. */
    static int passes(boolean adapted) {
        return adapted ? 6 : 4;
    }

    /**
     * Runs model and controls.
     *
     * @param directory of the model
     * @param adapter what acts on the model; empty for the bare model
     * @param repeat how often the stack of layers is run
     * @param done called after each of {@link #passes}
     */
    static Study of(
            Path directory,
            Decoder decoder,
            List<Intervention> adapter,
            Text text,
            int repeat,
            long seed,
            Runnable done) {
        HiddenStates states = finite(HiddenStates.of(decoder, text.ids(), List.of(), repeat), "the bare model");
        LayerMeasures base = LayerMeasures.of(states);
        done.run();
        Optional<LayerMeasures> adapted = Optional.empty();
        List<Difference> differences = List.of();
        if (!adapter.isEmpty()) {
            HiddenStates changed = finite(HiddenStates.of(decoder, text.ids(), adapter, repeat), "the adapted model");
            adapted = Optional.of(LayerMeasures.of(changed));
            differences = Difference.of(states, changed, seed);
            done.run();
        }
        Controls controls = new Controls(
                control(decoder, text.shuffled(seed), List.of(), repeat, done),
                control(decoder, text.repeated(), List.of(), repeat, done),
                random(directory, decoder, text, repeat, seed, done),
                adapter.isEmpty()
                        ? Optional.empty()
                        : Optional.of(control(decoder, text.shuffled(seed), adapter, repeat, done)));
        return new Study(states, base, adapted, controls, differences);
    }

    private static LayerMeasures control(
            Decoder decoder, int[] ids, List<Intervention> adapter, int repeat, Runnable done) {
        LayerMeasures measures = LayerMeasures.of(HiddenStates.of(decoder, ids, adapter, repeat));
        done.run();
        return measures;
    }

    private static LayerMeasures random(
            Path directory, Decoder decoder, Text text, int repeat, long seed, Runnable done) {
        Architecture architecture = Architecture.of(Json.readObject(directory.resolve("config.json")));
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> weights = new LinkedHashMap<>();
            architecture
                    .initial(Randomness.derive(seed, 1))
                    .forEach((name, tensor) ->
                            weights.put(name, tensor.to(decoder.dtype()).to(decoder.device())));
            try (Decoder random = architecture.decoder(weights)) {
                return control(random, text.ids(), List.of(), repeat, done);
            }
        }
    }

    private static HiddenStates finite(HiddenStates states, String whose) {
        for (int entry = 0; entry < states.entries().size(); entry++) {
            for (double value : states.entries().get(entry)) {
                if (!Double.isFinite(value)) {
                    throw InlayException.data(
                            "the states of %s after layer %d are not finite; use --dtype float32 and fewer repetitions",
                            whose, entry);
                }
            }
        }
        return states;
    }

    /** Base, adapter and controls by name, in the order of showing. */
    Map<String, LayerMeasures> sides() {
        Map<String, LayerMeasures> sides = new LinkedHashMap<>();
        sides.put("base", base);
        adapter.ifPresent(measures -> sides.put("adapter", measures));
        sides.putAll(controls.all());
        return sides;
    }
}
