package dev.inlay.app.experiments.world;

import dev.inlay.app.experiments.Accuracy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What a bag of words tells about the labels: the share of held-out texts whose label logistic regression on counts of
 * words finds, beside always saying the most frequent label.
 */
public final class Baselines {
    static final int SEEDS = 5;

    private Baselines() {}

    /**
     * The accuracy on one label, over five seeds of data and order.
     *
     * @param most accuracy of the most frequent label
     */
    public record Result(String label, int classes, Accuracy accuracy, double most) {}

    /** All labels, each learned from this many texts and tried on as many others. */
    public static List<Result> measure(int texts) {
        List<Result> results = new ArrayList<>();
        for (LabelTask task : LabelTask.values()) {
            results.add(measure(task, texts));
        }
        return results;
    }

    static Result measure(LabelTask task, int texts) {
        double[] accuracies = new double[SEEDS];
        double most = 0;
        int classes = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            List<Document> seen = documents(task, Split.TRAIN, texts, seed);
            List<Document> held = documents(task, Split.TEST, texts, seed);
            BagOfWords bag = new BagOfWords(seen.stream().map(task::text).toList());
            SoftmaxRegression model = SoftmaxRegression.fit(counts(bag, task, seen), labels(task, seen), seed);
            accuracies[seed] = model.right(counts(bag, task, held), labels(task, held));
            most += share(task, seen, held) / SEEDS;
            classes = model.classes().size();
        }
        return new Result(task.toString(), classes, Accuracy.of(accuracies), most);
    }

    private static List<Features> counts(BagOfWords bag, LabelTask task, List<Document> documents) {
        return documents.stream().map(task::text).map(bag::counts).toList();
    }

    private static List<String> labels(LabelTask task, List<Document> documents) {
        return documents.stream().map(task::label).toList();
    }

    private static double share(LabelTask task, List<Document> seen, List<Document> held) {
        Map<String, Integer> counts = new HashMap<>();
        seen.forEach(document -> counts.merge(task.label(document), 1, Integer::sum));
        String most =
                Collections.max(counts.entrySet(), Map.Entry.comparingByValue()).getKey();
        return (double) held.stream()
                        .filter(document -> task.label(document).equals(most))
                        .count()
                / held.size();
    }

    static List<Document> documents(LabelTask task, Split split, int count, long seed) {
        Corpus corpus = new Corpus(split, task.registers(), seed, OptionalLong.empty());
        List<Document> documents = new ArrayList<>();
        for (int row = 0; row < count; row++) {
            documents.add(corpus.document(row));
        }
        return documents;
    }
}
