package dev.inlay.app.experiments.layers;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the states of a text must be compared with before anything is called a cluster.
 *
 * @param shuffled the same tokens in another order, in the same model
 * @param repeated one token all the way, in the same model: as near as tokens can be
 * @param random the text in a model of the same shapes whose weights are drawn as training begins
 * @param adapterShuffled the tokens in the other order with the adapter; empty where there is none
 */
record Controls(
        LayerMeasures shuffled, LayerMeasures repeated, LayerMeasures random, Optional<LayerMeasures> adapterShuffled) {
    /** By name. */
    Map<String, LayerMeasures> all() {
        Map<String, LayerMeasures> all = new LinkedHashMap<>();
        all.put("shuffled", shuffled);
        all.put("repeated", repeated);
        all.put("random", random);
        adapterShuffled.ifPresent(measures -> all.put("adapter_shuffled", measures));
        return all;
    }
}
