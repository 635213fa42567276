package dev.inlay.dynamics;

/** Distances of tokens, each [n, d] in row-major order. */
final class Geometry {
    private Geometry() {}

    static double squaredDistance(double[] x, int i, double[] y, int j, int d) {
        double square = 0;
        for (int k = 0; k < d; k++) {
            double difference = x[i * d + k] - y[j * d + k];
            square += difference * difference;
        }
        return square;
    }

    /** max_i |x_i - y_i|. */
    static double largestDistance(double[] x, double[] y, int d) {
        double largest = 0;
        for (int i = 0; i * d < x.length; i++) {
            largest = Math.max(largest, squaredDistance(x, i, y, i, d));
        }
        return Math.sqrt(largest);
    }

    /** Smallest distance of two tokens that are farther apart than {@code same}; infinite where there are none. */
    static double separation(double[] x, int d, double same) {
        double least = Double.POSITIVE_INFINITY;
        int n = x.length / d;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                double square = squaredDistance(x, i, x, j, d);
                if (square > same * same) {
                    least = Math.min(least, square);
                }
            }
        }
        return Math.sqrt(least);
    }

    static double dot(double[] x, int i, double[] y, int j, int d) {
        double sum = 0;
        for (int k = 0; k < d; k++) {
            sum += x[i * d + k] * y[j * d + k];
        }
        return sum;
    }

    static double norm(double[] x, int i, int d) {
        return Math.sqrt(dot(x, i, x, i, d));
    }

    /** max_i |x_i|. */
    static double largestNorm(double[] x, int d) {
        double largest = 0;
        for (int i = 0; i * d < x.length; i++) {
            largest = Math.max(largest, norm(x, i, d));
        }
        return largest;
    }

    /** Largest distance of two tokens. */
    static double diameter(double[] x, int d) {
        double largest = 0;
        int n = x.length / d;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                largest = Math.max(largest, squaredDistance(x, i, x, j, d));
            }
        }
        return Math.sqrt(largest);
    }
}
