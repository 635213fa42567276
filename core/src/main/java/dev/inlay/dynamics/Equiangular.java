package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

/**
 * The common inner product gamma of tokens on the sphere that start with equal inner products, Q = K = V = I
 * (arXiv 2312.10794, theorem 6.8 and its ODE): one equation for n tokens.
 *
 * <p>Tokens with equal inner products have equal rows of scores but for their order, so the first iteration of Sinkhorn already
 * ends it: its equation is that of the softmax.
 *
 * @param rule softmax or Sinkhorn (SA), or the kernel e^(beta (s - shift)) / n (USA)
 */
public record Equiangular(int n, double beta, Rule rule) implements Flow {
    public Equiangular {
        require(!(rule instanceof Rule.Hardmax), "under hardmax equiangular tokens rest; the rule must be another one");
    }

    @Override
    public int size() {
        return 1;
    }

    @Override
    public void drift(double t, double[] state, double[] out) {
        double gamma = state[0];
        double pull = (1 - gamma) * ((n - 1) * gamma + 1);
        // Divided by e^(beta gamma), so that no exponential grows.
        out[0] = rule instanceof Rule.Kernel kernel
                ? 2.0 / n * Math.exp(beta * (gamma - kernel.shift())) * pull
                : 2 * pull / (Math.exp(beta * (1 - gamma)) + n - 1);
    }
}
