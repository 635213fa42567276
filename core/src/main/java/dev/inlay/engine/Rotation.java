package dev.inlay.engine;

import java.util.List;

/**
 * Rotary position embedding (Su et al. 2021) in the pair order of Hugging Face: dimension i turns with i + rotated/2. The
 * first {@code rotated} dimensions of a head turn, the others stay.
 *
 * @param cosine [tokens, 1, rotated]
 * @param signedSine [tokens, 1, rotated]: minus the sine in the first half, plus the sine in the second
 */
public record Rotation(Tensor cosine, Tensor signedSine) {
    /**
     * @param x [tokens, heads, head_dim]
     * @return [tokens, heads, head_dim]
     */
    public Tensor apply(Tensor x) {
        Tensor y = turn(x, 1);
        return y.from(g -> x.give(turn(g, -1), true), List.of(cosine, signedSine), x);
    }

    /** What must live as long as this is used. */
    public List<Tensor> tensors() {
        return List.of(cosine, signedSine);
    }

    /** A rotation's transpose is the rotation by the negative angle. */
    private Tensor turn(Tensor x, int sign) {
        long rotated = cosine.size(-1);
        long rest = x.size(-1) - rotated;
        if (rest == 0) {
            return turnWhole(x.detached(), sign);
        }
        Tensor plain = x.detached();
        return Tensor.concat(2, List.of(turnWhole(plain.narrow(2, 0, rotated), sign), plain.narrow(2, rotated, rest)));
    }

    private Tensor turnWhole(Tensor x, int sign) {
        Tensor y = x.times(cosine);
        Tensor swapped = Tensor.make(() -> x.live().roll(new long[] {x.size(-1) / 2}, -1));
        return y.addProduct(swapped, signedSine, sign);
    }
}
