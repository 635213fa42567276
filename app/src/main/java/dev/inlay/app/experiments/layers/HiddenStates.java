package dev.inlay.app.experiments.layers;

import dev.inlay.InlayException;
import dev.inlay.engine.Scope;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.Pass;
import dev.inlay.model.Rows;
import java.util.List;
import java.util.stream.Stream;

/**
 * The states of a text's tokens at every depth of a model.
 *
 * @param width d
 * @param entries [tokens, width] each: the embeddings, then the residual stream after each layer, before the last norm
 * @param entropies of attention in each layer, mean over heads and queries, nats
 * @param normed [tokens, width] the last entry after the model's last norm
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
record HiddenStates(int width, List<double[]> entries, List<Double> entropies, double[] normed) {
    /**
     * Runs a model over one row.
     *
     * @param adapter what acts on the model
     * @param repeat how often the stack of layers is run, from 1 on; each time tokens have the same positions
     */
    static HiddenStates of(Decoder decoder, int[] ids, List<Intervention> adapter, int repeat) {
        InlayException.require(repeat >= 1, "the layers run at least once, was %d", repeat);
        StateRecorder recorder = new StateRecorder();
        // The recorder comes last: it sees what the others made.
        List<Intervention> all =
                Stream.concat(adapter.stream(), Stream.of(recorder)).toList();
        try (Scope scope = Scope.open()) {
            for (int run = 0; run < repeat; run++) {
                decoder.hidden(Pass.over(Rows.of(ids), all));
            }
        }
        return recorder.states(decoder.config().width());
    }
}
