package dev.inlay.app.experiments.world;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/**
 * Multinomial logistic regression, fitted by AdaGrad (Duchi, Hazan, Singer 2011): the loss of a row is
 * {@code -log softmax(W x + b)[label]}.
 */
final class SoftmaxRegression {
    private static final int EPOCHS = 10;
    private static final double RATE = 0.3;
    private static final double SMALL = 1e-8;

    private final List<String> classes;
    /** [columns + 1, classes]; the last row is the bias. */
    private final double[][] weights;

    private final double[][] squares;

    private SoftmaxRegression(int columns, List<String> classes) {
        this.classes = classes;
        this.weights = new double[columns + 1][classes.size()];
        this.squares = new double[columns + 1][classes.size()];
    }

    /**
     * Learns from rows and their labels.
     *
     * @param seed of the order of rows
     */
    static SoftmaxRegression fit(List<Features> rows, List<String> labels, long seed) {
        int columns = rows.stream()
                .flatMapToInt(row -> Arrays.stream(row.columns()))
                .max()
                .orElse(-1);
        SoftmaxRegression model = new SoftmaxRegression(columns + 1, List.copyOf(new TreeSet<>(labels)));
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            order.add(i);
        }
        Random random = new Random(seed);
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            Collections.shuffle(order, random);
            order.forEach(i -> model.learn(rows.get(i), model.classes.indexOf(labels.get(i))));
        }
        return model;
    }

    /** The labels that it knows, sorted. */
    List<String> classes() {
        return classes;
    }

    private void learn(Features row, int label) {
        double[] slope = probabilities(row);
        slope[label] -= 1;
        for (int i = 0; i < row.columns().length; i++) {
            move(row.columns()[i], row.values()[i], slope);
        }
        move(weights.length - 1, 1, slope);
    }

    private void move(int column, double value, double[] slope) {
        for (int k = 0; k < slope.length; k++) {
            double gradient = value * slope[k];
            squares[column][k] += gradient * gradient;
            weights[column][k] -= RATE * gradient / Math.sqrt(squares[column][k] + SMALL);
        }
    }

    private double[] probabilities(Features row) {
        double[] scores = weights[weights.length - 1].clone();
        for (int i = 0; i < row.columns().length; i++) {
            int column = row.columns()[i];
            for (int k = 0; k < scores.length && column < weights.length - 1; k++) {
                scores[k] += row.values()[i] * weights[column][k];
            }
        }
        double most = Arrays.stream(scores).max().orElse(0);
        double sum = 0;
        for (int k = 0; k < scores.length; k++) {
            scores[k] = Math.exp(scores[k] - most);
            sum += scores[k];
        }
        for (int k = 0; k < scores.length; k++) {
            scores[k] /= sum;
        }
        return scores;
    }

    /** The likeliest label. */
    String predict(Features row) {
        double[] probabilities = probabilities(row);
        int best = 0;
        for (int k = 1; k < probabilities.length; k++) {
            best = probabilities[k] > probabilities[best] ? k : best;
        }
        return classes.get(best);
    }

    /** The share of rows whose label it predicts. */
    double right(List<Features> rows, List<String> labels) {
        int right = 0;
        for (int i = 0; i < rows.size(); i++) {
            right += predict(rows.get(i)).equals(labels.get(i)) ? 1 : 0;
        }
        return (double) right / rows.size();
    }
}
