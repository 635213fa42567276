package dev.inlay.app.experiments.world;

import dev.inlay.app.experiments.Accuracy;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.training.data.Dataset;
import dev.inlay.training.data.Encoder;
import dev.inlay.training.data.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the hidden states of a model tell about the labels: logistic regression on the residual stream after a layer. Layer,
 * and whether the last token or the mean of all, is chosen by the texts of the split valid; the accuracy is that on the
 * split test.
 */
public final class Probes {
    private final HiddenStates states;

    /** @param encoder as the model was trained */
    public Probes(Decoder decoder, Encoder encoder, Workers workers) {
        this.states = new HiddenStates(decoder, encoder, workers);
    }

    /**
     * The accuracy on one label, over the seeds of {@link Baselines}.
     *
     * @param places which place was chosen for each seed
     */
    public record Result(String label, Accuracy accuracy, List<String> places) {}

    /** All labels, each learned from this many texts; as many others choose the place, and as many test. */
    public List<Result> measure(int texts) {
        List<Result> results = new ArrayList<>();
        for (LabelTask task : LabelTask.values()) {
            results.add(measure(task, texts));
        }
        return results;
    }

    Result measure(LabelTask task, int texts) {
        double[] accuracies = new double[Baselines.SEEDS];
        List<String> places = new ArrayList<>();
        for (int seed = 0; seed < Baselines.SEEDS; seed++) {
            Labelled seen = labelled(task, Split.TRAIN, texts, seed);
            Labelled valid = labelled(task, Split.VALID, texts, seed);
            Labelled test = labelled(task, Split.TEST, texts, seed);
            int best = 0;
            double most = -1;
            for (int place = 0; place < states.places().size(); place++) {
                double right = right(seen, valid, place, seed);
                best = right > most ? place : best;
                most = Math.max(most, right);
            }
            accuracies[seed] = right(seen, test, best, seed);
            places.add(states.places().get(best));
        }
        return new Result(task.toString(), Accuracy.of(accuracies), places);
    }

    /** Texts with their labels and, for each place, their features. */
    private record Labelled(List<String> labels, List<List<Features>> features) {}

    private Labelled labelled(LabelTask task, Split split, int texts, long seed) {
        List<Document> documents = Baselines.documents(task, split, texts, seed);
        List<Row> rows = IntStream.range(0, texts)
                .mapToObj(i -> task.row(i + 1, documents.get(i)))
                .toList();
        return new Labelled(
                documents.stream().map(task::label).toList(), states.of(new Dataset(task.toString(), rows)));
    }

    private static double right(Labelled seen, Labelled held, int place, long seed) {
        Standard standard = new Standard(seen.features().get(place));
        return SoftmaxRegression.fit(standard.of(seen.features().get(place)), seen.labels(), seed)
                .right(standard.of(held.features().get(place)), held.labels());
    }
}
