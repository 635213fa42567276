package dev.inlay.engine;

import java.util.List;
import org.bytedeco.pytorch.global.torch;

/** Element-wise functions of feed-forward layers. */
public final class Activations {
    private Activations() {}

    /** x * sigmoid(x) (Elfwing et al. 2018). */
    public static Tensor silu(Tensor x) {
        Tensor y = Tensor.make(() -> torch.silu(x.live()));
        return y.from(g -> x.give(siluBackward(g, x), true), List.of(x), x);
    }

    /** silu(gate) * up in one step, the gated unit of Llama (Shazeer 2020). Both [tokens, width]. */
    public static Tensor siluGate(Tensor gate, Tensor up) {
        Tensor y = Tensor.make(() -> torch.silu(gate.live())).multiply(up);
        return y.from(
                g -> {
                    if (gate.isTracked()) {
                        gate.give(siluBackward(g.times(up.detached()), gate), true);
                    }
                    if (up.isTracked()) {
                        up.give(Tensor.make(() -> torch.silu(gate.live())).multiply(g), true);
                    }
                },
                List.of(gate, up),
                gate,
                up);
    }

    private static Tensor siluBackward(Tensor g, Tensor x) {
        return Tensor.make(() -> torch.silu_backward(g.live(), x.live()));
    }

    /** Gaussian error linear unit by the tanh approximation, "gelu_new" (Hendrycks and Gimpel 2016). */
    public static Tensor geluTanh(Tensor x) {
        return gelu(x, "tanh");
    }

    /** Gaussian error linear unit, exact. */
    public static Tensor gelu(Tensor x) {
        return gelu(x, "none");
    }

    private static Tensor gelu(Tensor x, String approximation) {
        Tensor y = Tensor.make(() -> torch.gelu(x.live(), approximation));
        return y.from(
                g -> x.give(Tensor.make(() -> torch.gelu_backward(g.live(), x.live(), approximation)), true),
                List.of(x),
                x);
    }

    /** cap * tanh(x / cap): nearly x while small, never beyond the cap (Gemma 2). An infinite cap changes nothing. */
    public static Tensor softCap(Tensor x, double cap) {
        if (Double.isInfinite(cap)) {
            return x;
        }
        Tensor y = x.detached().times(1 / cap).tanh().multiply(cap);
        return y.from(
                g -> {
                    Tensor bent = y.detached().times(1 / cap);
                    x.give(Tensor.make(() -> torch.tanh_backward(g.live(), bent.live())), true);
                },
                List.of(y),
                x);
    }

    /** max(x, 0). */
    public static Tensor relu(Tensor x) {
        Tensor y = Tensor.make(() -> x.live().relu());
        return y.from(
                g -> {
                    Tensor positive = Tensor.make(() -> y.live().sign());
                    x.give(positive.multiply(g), true);
                },
                List.of(y),
                x);
    }
}
