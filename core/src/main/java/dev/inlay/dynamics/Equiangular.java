package dev.inlay.dynamics;

/**
 * The common inner product gamma of tokens on the sphere that start with equal inner products, Q = K = V = I
 * (arXiv 2312.10794, theorem 6.8 and its ODE): one equation for n tokens.
 *
 * @param normalised softmax (SA), else the kernel e^(beta s) / n (USA)
 */
public record Equiangular(int n, double beta, boolean normalised) implements Flow {
    @Override
    public int size() {
        return 1;
    }

    @Override
    public void drift(double t, double[] state, double[] out) {
        double gamma = state[0];
        double pull = (1 - gamma) * ((n - 1) * gamma + 1);
        // Divided by e^(beta gamma), so that no exponential grows.
        out[0] = normalised
                ? 2 * pull / (Math.exp(beta * (1 - gamma)) + n - 1)
                : 2.0 / n * Math.exp(beta * gamma) * pull;
    }
}
