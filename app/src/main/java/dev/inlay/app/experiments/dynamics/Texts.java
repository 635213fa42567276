package dev.inlay.app.experiments.dynamics;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import dev.inlay.dynamics.Head;
import dev.inlay.dynamics.LowRankChange;
import dev.inlay.dynamics.Matrix;
import dev.inlay.dynamics.Mersenne;
import dev.inlay.dynamics.Perturbation;
import dev.inlay.dynamics.Rule;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Matrices, starts and changes as people write them. */
final class Texts {
    private Texts() {}

    /**
     * A matrix: {@code identity}, {@code -identity}, {@code zero}, {@code diagonal 1 0.9}, rows {@code 1 0; 0 0.9}; drawn:
     * {@code uniform LOW HIGH}, {@code gaussian}, {@code psd} (M M', entries in [-1, 1)), {@code symmetric} ((M + M')/2,
     * entries in [0, 1)), {@code sparse} (symmetric, a tenth of the entries, all eigenvalues at least 1 in modulus).
     */
    static Matrix matrix(String text, String name, int d, Mersenne random) {
        String[] words = text.split("\\s+");
        Matrix matrix = switch (words[0]) {
            case "identity" -> Matrix.identity(d);
            case "-identity" -> Matrix.identity(d).times(-1);
            case "zero" -> Matrix.zero(d, d);
            case "diagonal" -> Matrix.diagonal(numbers(words, 1, name));
            case "uniform" ->
                Matrix.of(
                        d,
                        d,
                        random.uniform(d * d, number(word(words, 1, name), name), number(word(words, 2, name), name)));
            case "gaussian" -> Matrix.of(d, d, random.normal(d * d));
            case "psd" -> {
                Matrix factor = Matrix.of(d, d, random.uniform(d * d, -1, 1));
                yield factor.times(factor.transpose());
            }
            case "symmetric" -> {
                Matrix half = Matrix.of(d, d, random.uniform(d * d, 0, 1)).times(0.5);
                yield half.plus(half.transpose());
            }
            case "sparse" -> sparse(d, random);
            default -> rows(text, name);
        };
        require(
                matrix.rows() == d && matrix.columns() == d,
                "%s must be %d x %d like the dimension, was %d x %d",
                name,
                d,
                d,
                matrix.rows(),
                matrix.columns());
        return matrix;
    }

    /** Whether {@link #matrix} draws what this text says. */
    static boolean isDrawn(String matrix) {
        return List.of("uniform", "gaussian", "psd", "symmetric", "sparse").contains(matrix.split("\\s+", 2)[0]);
    }

    private static Matrix sparse(int d, Mersenne random) {
        double[] entries = new double[d * d];
        for (int i = 0; i < d; i++) {
            for (int j = 0; j <= i; j++) {
                double entry = random.uniform() < 0.1 ? 2 * random.uniform() - 1 : 0;
                entries[i * d + j] = entry;
                entries[j * d + i] = entry;
            }
        }
        Matrix drawn = Matrix.of(d, d, entries);
        Matrix vectors = drawn.spectrum().vectors();
        double[] values = new double[d];
        for (int k = 0; k < d; k++) {
            double value = drawn.spectrum().real(k);
            values[k] = Math.abs(value) >= 1 ? value : Math.copySign(1 + random.uniform(), value);
        }
        return vectors.times(Matrix.diagonal(values)).times(vectors.transpose());
    }

    /**
     * Tokens at time 0: {@code uniform LOW HIGH}, {@code gaussian}, {@code sphere} (normal, then of length 1), {@code
     * orthogonal}, or the tokens as rows {@code 1 0; 0.2 0.9}.
     */
    static double[] start(String text, int n, int d, Mersenne random) {
        String[] words = text.split("\\s+");
        return switch (words[0]) {
            case "uniform" ->
                random.uniform(
                        n * d, number(word(words, 1, "start"), "start"), number(word(words, 2, "start"), "start"));
            case "gaussian" -> random.normal(n * d);
            case "sphere" -> normalised(random.normal(n * d), d);
            case "orthogonal" -> {
                require(n <= d, "an orthogonal start has at most as many tokens as dimensions, was %d and %d", n, d);
                yield Arrays.copyOf(Matrix.identity(d).values(), n * d);
            }
            default -> {
                Matrix rows = rows(text, "start");
                require(
                        rows.rows() == n && rows.columns() == d,
                        "start must have %d tokens of dimension %d, found %d x %d",
                        n,
                        d,
                        rows.rows(),
                        rows.columns());
                yield rows.values();
            }
        };
    }

    private static double[] normalised(double[] x, int d) {
        for (int at = 0; at < x.length; at += d) {
            double square = 0;
            for (int k = at; k < at + d; k++) {
                square += x[k] * x[k];
            }
            for (int k = at; k < at + d; k++) {
                x[k] /= Math.sqrt(square);
            }
        }
        return x;
    }

    /**
     * A change of a head: {@code query}, {@code key}, {@code score}, {@code value} or {@code output}, then {@code diagonal K
     * C} (C in entry K), {@code constant C}, {@code eigenvector K MU}, {@code gap C}, {@code gaussian RANK ALPHA}, {@code
     * random RANK ETA}, or of score and value {@code set ROWS} (the matrix itself becomes ROWS). Behind it {@code aside}
     * leaves what neither reads nor writes along the first eigenvector, then {@code norm X} or {@code frobenius X} gives it
     * this spectral or Frobenius norm. Several have {@code and} between. Indices count from 1. A head is a product already:
     * its queries are those of K = I, its output map is I.
     */
    static Head change(String text, Head base, Mersenne random) {
        Map<String, LowRankChange> changes = new HashMap<>();
        Head head = base;
        for (String part : text.split("\\s+and\\s+", -1)) {
            String[] words = part.split("\\s+");
            String target = oneOf(word(words, 0, "change"), List.of("query", "key", "score", "value", "output"));
            if (word(words, 1, "change").equals("set")) {
                head = set(words, head, random);
            } else {
                LowRankChange before = changes.put(target, sized(words, matrixOf(target, base), random));
                require(before == null, "change: %s is named twice", target);
            }
        }
        return new Perturbation(
                        changes.get("query"),
                        changes.get("key"),
                        changes.get("score"),
                        changes.get("value"),
                        changes.get("output"))
                .apply(head);
    }

    private static Head set(String[] words, Head head, Mersenne random) {
        String target = oneOf(words[0], List.of("score", "value"));
        word(words, 2, "change");
        Matrix set = matrix(
                String.join(" ", Arrays.copyOfRange(words, 2, words.length)), "change", head.dimension(), random);
        return target.equals("value") ? new Head(head.score(), set) : new Head(set, head.value());
    }

    private static Matrix matrixOf(String target, Head base) {
        return switch (target) {
            case "score" -> base.score();
            case "query" -> base.score().transpose();
            case "value" -> base.value();
            default -> Matrix.identity(base.dimension());
        };
    }

    private static LowRankChange sized(String[] words, Matrix target, Mersenne random) {
        int size = words.length - 2;
        String kind = size > 1 ? words[size] : "";
        boolean isSized = kind.equals("norm") || kind.equals("frobenius");
        int end = isSized ? size : words.length;
        boolean isAside = words[end - 1].equals("aside");
        String[] form = Arrays.copyOfRange(words, 1, isAside ? end - 1 : end);
        LowRankChange whole = change(form, target, target.rows(), random);
        LowRankChange change =
                isAside ? whole.orthogonalTo(target.spectrum().vectors().column(0)) : whole;
        if (!isSized) {
            return change;
        }
        double norm = number(words[size + 1], kind + " of the change");
        return kind.equals("norm") ? change.withNorm(norm) : change.withFrobenius(norm);
    }

    private static LowRankChange change(String[] words, Matrix target, int d, Mersenne random) {
        double first = number(word(words, 1, "change"), "change");
        return switch (words[0]) {
            case "diagonal" -> LowRankChange.diagonal(d, index(first, d), number(word(words, 2, "change"), "change"));
            case "constant" -> LowRankChange.constant(d, first);
            case "eigenvector" ->
                LowRankChange.alongEigenvector(target, index(first, d), number(word(words, 2, "change"), "change"));
            case "gap" -> LowRankChange.acrossGap(target, first);
            case "gaussian" ->
                LowRankChange.gaussian(d, index(first, d) + 1, number(word(words, 2, "change"), "change"), random);
            case "random" -> {
                double[] ones = new double[index(first, d) + 1];
                Arrays.fill(ones, 1);
                yield LowRankChange.random(d, number(word(words, 2, "change"), "change"), ones, random);
            }
            default ->
                throw InlayException.usage(
                        "a change is diagonal, constant, eigenvector, gap, gaussian, random or set, was \"%s\"",
                        words[0]);
        };
    }

    static Rule rule(String text) {
        String[] words = text.split("\\s+");
        return switch (words[0]) {
            case "softmax" -> new Rule.Softmax();
            case "hardmax" -> new Rule.Hardmax();
            case "kernel" -> new Rule.Kernel(words.length > 1 ? number(words[1], "rule") : 0);
            case "sinkhorn" -> new Rule.Sinkhorn((int) number(word(words, 1, "rule"), "rule"));
            default ->
                throw InlayException.usage("rule must be softmax, hardmax, kernel or sinkhorn N, was \"%s\"", words[0]);
        };
    }

    static double number(String text, String name) {
        try {
            double number = Double.parseDouble(text);
            require(Double.isFinite(number), "%s must be finite, was %s", name, text);
            return number;
        } catch (NumberFormatException e) {
            throw InlayException.usage("%s: a number is expected, found \"%s\"", name, text)
                    .causedBy(e);
        }
    }

    private static int index(double number, int d) {
        require(number == Math.rint(number) && number >= 1 && number <= d, "an index from 1 to %d, was %s", d, number);
        return (int) number - 1;
    }

    private static String oneOf(String text, List<String> choices) {
        require(choices.contains(text), "one of %s is expected, found \"%s\"", choices, text);
        return text;
    }

    static String word(String[] words, int k, String name) {
        require(k < words.length, "%s: \"%s\" needs more words", name, String.join(" ", words));
        return words[k];
    }

    private static double[] numbers(String[] words, int from, String name) {
        require(from < words.length, "%s: \"%s\" needs numbers", name, words[0]);
        return Arrays.stream(words, from, words.length)
                .mapToDouble(each -> number(each, name))
                .toArray();
    }

    private static Matrix rows(String text, String name) {
        return Matrix.of(Arrays.stream(text.split(";"))
                .map(row -> numbers(row.strip().split("\\s+"), 0, name))
                .toArray(double[][]::new));
    }
}
