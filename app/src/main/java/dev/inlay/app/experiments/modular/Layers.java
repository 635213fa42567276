package dev.inlay.app.experiments.modular;

import dev.inlay.dynamics.Matrix;
import dev.inlay.dynamics.Ranks;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Hidden states of a model before the first block and after each. */
final class Layers {
    private Layers() {}

    /**
     * One of them.
     *
     * @param cosine mean over pairs of numbers, then over pairs of the four tokens, of the cosine between two tokens
     * @param rank effective rank of the last position over all pairs of numbers
     */
    record Measure(double cosine, double rank) {}

    static List<Measure> of(Forward forward, Weights weights, Examples examples) {
        try (Scope scope = Scope.open()) {
            List<Measure> measures = new ArrayList<>();
            for (Tensor state : forward.states(weights, examples)) {
                Matrix[] tokens = new Matrix[Sizes.POSITIONS];
                for (int i = 0; i < tokens.length; i++) {
                    tokens[i] = Matrix.of(
                            (int) state.size(0),
                            examples.count(),
                            state.narrow(1, i, 1).contiguous().toDoubles());
                }
                measures.add(new Measure(cosine(tokens), Ranks.effective(gramRoots(tokens[tokens.length - 1]))));
            }
            return measures;
        }
    }

    private static double cosine(Matrix[] tokens) {
        double sum = 0;
        int count = 0;
        for (int i = 0; i < tokens.length; i++) {
            for (int j = 0; j < i; j++) {
                for (int e = 0; e < tokens[i].columns(); e++) {
                    sum += cosine(tokens[i].column(e), tokens[j].column(e));
                    count++;
                }
            }
        }
        return sum / count;
    }

    private static double cosine(double[] x, double[] y) {
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int k = 0; k < x.length; k++) {
            xy += x[k] * y[k];
            xx += x[k] * x[k];
            yy += y[k] * y[k];
        }
        return xy / Math.sqrt(xx * yy);
    }

    /** Singular values of a wide matrix by those of its small Gram matrix. */
    private static double[] gramRoots(Matrix wide) {
        double[] squares = wide.times(wide.transpose()).singularValues();
        for (int k = 0; k < squares.length; k++) {
            squares[k] = Math.sqrt(squares[k]);
        }
        return squares;
    }
}
