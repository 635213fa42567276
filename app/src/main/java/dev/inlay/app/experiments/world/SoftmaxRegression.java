package dev.inlay.app.experiments.world;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Multinomial logistic regression on sparse counts, fitted by AdaGrad (Duchi, Hazan, Singer 2011): the loss of a row is
 * {@code -log softmax(W x + b)[label]}.
 */
final class SoftmaxRegression {
    private static final int EPOCHS = 10;
    private static final double RATE = 0.3;
    private static final double SMALL = 1e-8;

    private final int classes;
    /** [columns + 1, classes]; the last row is the bias. */
    private final double[][] weights;

    private final double[][] squares;

    private SoftmaxRegression(int columns, int classes) {
        this.classes = classes;
        this.weights = new double[columns + 1][classes];
        this.squares = new double[columns + 1][classes];
    }

    static SoftmaxRegression fit(
            List<Map<Integer, Double>> rows, List<Integer> labels, int columns, int classes, long seed) {
        SoftmaxRegression model = new SoftmaxRegression(columns, classes);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            order.add(i);
        }
        Random random = new Random(seed);
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            Collections.shuffle(order, random);
            order.forEach(i -> model.learn(rows.get(i), labels.get(i)));
        }
        return model;
    }

    private void learn(Map<Integer, Double> row, int label) {
        double[] slope = probabilities(row);
        slope[label] -= 1;
        row.forEach((column, value) -> move(column, value, slope));
        move(weights.length - 1, 1, slope);
    }

    private void move(int column, double value, double[] slope) {
        for (int k = 0; k < classes; k++) {
            double gradient = value * slope[k];
            squares[column][k] += gradient * gradient;
            weights[column][k] -= RATE * gradient / Math.sqrt(squares[column][k] + SMALL);
        }
    }

    private double[] probabilities(Map<Integer, Double> row) {
        double[] scores = weights[weights.length - 1].clone();
        row.forEach((column, value) -> {
            for (int k = 0; k < classes; k++) {
                scores[k] += value * weights[column][k];
            }
        });
        double most = Double.NEGATIVE_INFINITY;
        for (double score : scores) {
            most = Math.max(most, score);
        }
        double sum = 0;
        for (int k = 0; k < classes; k++) {
            scores[k] = Math.exp(scores[k] - most);
            sum += scores[k];
        }
        for (int k = 0; k < classes; k++) {
            scores[k] /= sum;
        }
        return scores;
    }

    /** The likeliest class. */
    int predict(Map<Integer, Double> row) {
        double[] probabilities = probabilities(row);
        int best = 0;
        for (int k = 1; k < classes; k++) {
            best = probabilities[k] > probabilities[best] ? k : best;
        }
        return best;
    }
}
