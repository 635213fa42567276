package dev.inlay.app.experiments.world;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * What a bag of words tells about the labels: the share of held-out texts whose label logistic regression on counts of
 * words finds, beside always saying the most frequent label.
 */
public final class Baselines {
    /** 97.5 % point of Student's t distribution with 4 degrees of freedom. */
    private static final double T = 2.776;

    private static final int SEEDS = 5;

    private Baselines() {}

    /**
     * The accuracy on one label, over five seeds of data and order.
     *
     * @param interval half of the width of the 95 % interval of the mean
     * @param most accuracy of the most frequent label
     */
    public record Result(String label, int classes, double accuracy, double interval, double most) {}

    /** All labels, each learned from this many texts and tried on as many others. */
    public static List<Result> measure(int texts) {
        List<Result> results = new ArrayList<>();
        for (LabelTask task : LabelTask.values()) {
            results.add(measure(task, texts));
        }
        return results;
    }

    static Result measure(LabelTask task, int texts) {
        double[] accuracy = new double[SEEDS];
        double most = 0;
        int classes = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            List<Document> seen = documents(task, Split.TRAIN, texts, seed);
            List<Document> held = documents(task, Split.TEST, texts, seed);
            List<String> labels =
                    new ArrayList<>(new TreeSet<>(seen.stream().map(task::label).toList()));
            accuracy[seed] = accuracy(task, seen, held, labels, seed);
            most += share(task, seen, held) / SEEDS;
            classes = labels.size();
        }
        double mean = 0;
        double squares = 0;
        for (double each : accuracy) {
            mean += each / SEEDS;
        }
        for (double each : accuracy) {
            squares += (each - mean) * (each - mean);
        }
        double interval = T * Math.sqrt(squares / (SEEDS - 1) / SEEDS);
        return new Result(task.toString(), classes, mean, interval, most);
    }

    private static double accuracy(
            LabelTask task, List<Document> seen, List<Document> held, List<String> labels, long seed) {
        BagOfWords bag = new BagOfWords(seen.stream().map(task::text).toList());
        SoftmaxRegression model = SoftmaxRegression.fit(
                seen.stream().map(task::text).map(bag::counts).toList(),
                seen.stream().map(task::label).map(labels::indexOf).toList(),
                bag.size(),
                labels.size(),
                seed);
        long right = held.stream()
                .filter(document -> labels.get(model.predict(bag.counts(task.text(document))))
                        .equals(task.label(document)))
                .count();
        return (double) right / held.size();
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

    private static List<Document> documents(LabelTask task, Split split, int count, long seed) {
        Corpus corpus = new Corpus(split, task.registers(), seed, OptionalLong.empty());
        List<Document> documents = new ArrayList<>();
        for (int row = 0; row < count; row++) {
            documents.add(corpus.document(row));
        }
        return documents;
    }
}
