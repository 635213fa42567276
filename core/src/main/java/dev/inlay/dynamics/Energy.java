package dev.inlay.dynamics;

/** E_beta = 1 / (2 beta n^2) sum_ij e^(beta &lt;x_i, x_j&gt;), which the flow USA climbs (arXiv 2312.10794, eq. (3.5)). */
public record Energy(double beta) {
    /** ln E_beta of tokens [n, d]; a logarithm, because beta may be in the thousands. */
    public double log(double[] x, int d) {
        int n = x.length / d;
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                max = Math.max(max, beta * Geometry.dot(x, i, x, j, d));
            }
        }
        double sum = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                sum += Math.exp(beta * Geometry.dot(x, i, x, j, d) - max);
            }
        }
        return max + Math.log(sum) - Math.log(2 * beta) - 2 * Math.log(n);
    }
}
