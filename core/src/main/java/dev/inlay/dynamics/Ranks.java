package dev.inlay.dynamics;

import java.util.Arrays;

/** How many directions a matrix uses, from its singular values in falling order. */
public final class Ranks {
    private Ranks() {}

    /** Singular values above the largest x max(rows, columns) x 2^-52. */
    public static int numerical(double[] singular, int rows, int columns) {
        return numerical(singular, rows, columns, Math.ulp(1.0));
    }

    /**
     * Singular values above the largest x max(rows, columns) x epsilon.
     *
     * @param epsilon distance of 1 from the next number in the precision of the matrix: 2^-23 for float32
     */
    public static int numerical(double[] singular, int rows, int columns, double epsilon) {
        double tolerance = singular[0] * Math.max(rows, columns) * epsilon;
        return (int) Arrays.stream(singular).filter(s -> s > tolerance).count();
    }

    /** exp of the entropy of the singular values as shares (Roy and Vetterli 2007). */
    public static double effective(double[] singular) {
        double sum = Arrays.stream(singular).sum();
        double entropy = 0;
        for (double s : singular) {
            double share = s / sum;
            entropy -= share > 0 ? share * Math.log(share) : 0;
        }
        return Math.exp(entropy);
    }

    /** (sum s^2)^2 / sum s^4. */
    public static double participation(double[] singular) {
        double square = 0;
        double fourth = 0;
        for (double s : singular) {
            square += s * s;
            fourth += s * s * s * s;
        }
        return square * square / fourth;
    }

    /** sum s^2 / s_1^2. */
    public static double stable(double[] singular) {
        return Arrays.stream(singular).map(s -> s * s).sum() / (singular[0] * singular[0]);
    }
}
