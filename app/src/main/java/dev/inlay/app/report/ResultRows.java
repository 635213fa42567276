package dev.inlay.app.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The rows of the table of results: what {@code result.json} holds, in words; a key without words as it stands. */
final class ResultRows {
    private static final Map<String, String> LOSSES = Map.of(
            "loss", "training loss of the last step",
            "validation_loss", "validation loss with the adapter, read again from disk",
            "base_validation_loss", "validation loss without the adapter");
    private static final Map<String, String> OTHERS = Map.of(
            "status", "ended",
            "steps", "steps",
            "best_step", "step of the best validation loss",
            "logits_changed_max", "largest change of a logit on the probe",
            "logits_changed_kl", "KL divergence from the base on the probe, nats",
            "run", "directory of the run",
            "adapter", "directory of the adapter",
            "model", "directory of the model");

    private ResultRows() {}

    static List<List<String>> of(Trace run) {
        List<List<String>> rows = new ArrayList<>();
        run.result().ifPresent(result -> {
            for (String key : result.keys()) {
                if (LOSSES.containsKey(key)) {
                    double loss = run.result(key);
                    String value = Words.loss(loss) + " nats (perplexity " + Words.perplexity(loss) + ")";
                    rows.add(List.of(LOSSES.getOrDefault(key, key), value));
                } else {
                    String text = result.get(key).isFloatingPointNumber()
                            ? Words.small(run.result(key))
                            : result.get(key).asText();
                    rows.add(List.of(OTHERS.getOrDefault(key, key), text));
                }
            }
        });
        return rows;
    }
}
