package dev.inlay.app.cli;

import dev.inlay.InlayException;
import dev.inlay.adapter.gate.TriggerText;
import dev.inlay.adapter.peft.AdaptedModel;
import dev.inlay.model.Intervention;
import dev.inlay.model.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An adapter in use.
 *
 * @param place its directory
 * @param weight how strongly it acts; 1 as it was trained
 */
record AdapterUse(Path place, double weight) {
    /**
     * @param given adapter or run directories
     * @param weights one for each, or none for 1 each
     */
    static List<AdapterUse> of(List<Path> given, List<Double> weights) {
        InlayException.require(
                weights.isEmpty() || weights.size() == given.size(),
                "%d weights for %d adapters; give one for each, in their order, or none",
                weights.size(),
                given.size());
        List<AdapterUse> uses = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            double weight = weights.isEmpty() ? 1 : weights.get(i);
            InlayException.require(Double.isFinite(weight), "the weight of an adapter must be finite, was %s", weight);
            uses.add(new AdapterUse(AdapterPlace.of(given.get(i)), weight));
        }
        return uses;
    }

    /**
     * What a pass takes, in the order given.
     *
     * @param tokenizer that encodes what the pass reads; it must know the triggers of the adapters' gates
     */
    static List<Intervention> all(List<AdapterUse> uses, AdaptedModel loaded, Tokenizer tokenizer) {
        for (AdapterUse use : uses) {
            loaded.gates(use.place())
                    .forEach(gate -> TriggerText.require(gate, tokenizer, String.valueOf(use.place())));
        }
        return all(uses, loaded);
    }

    /** As {@link #all(List, AdaptedModel, Tokenizer)}, for a pass that reads tokens. */
    static List<Intervention> all(List<AdapterUse> uses, AdaptedModel loaded) {
        return uses.stream()
                .flatMap(use -> loaded.interventions(use.place(), use.weight()).stream())
                .toList();
    }
}
