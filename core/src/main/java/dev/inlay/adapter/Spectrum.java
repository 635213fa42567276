package dev.inlay.adapter;

import dev.inlay.InlayException;
import java.util.List;

/**
 * The singular values of a change. Its <i>energy</i> is the sum of their squares, the square of its Frobenius norm.
 *
 * @param values at least one, descending, none below zero
 */
public record Spectrum(List<Double> values) {
    public Spectrum {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("a spectrum has at least one value");
        }
    }

    /** Values that are more than rounding of float32 factors: above 2^-20 of the largest. */
    public int rank() {
        return (int) values.stream()
                .filter(value -> value > 0x1p-20 * spectralNorm())
                .count();
    }

    /** Sum of the squares. */
    public double energy() {
        return energyFrom(0);
    }

    /** Frobenius norm. */
    public double norm() {
        return Math.sqrt(energy());
    }

    /** The largest value: by how much the change can lengthen a vector. */
    public double spectralNorm() {
        return values.get(0);
    }

    /** Energy divided by the largest square, from 1 to the rank (Rudelson and Vershynin 2007); 0 for no change. */
    public double stableRank() {
        return isZero() ? 0 : energy() / (spectralNorm() * spectralNorm());
    }

    /**
     * {@code exp(-sum p log p)} with p = values / their sum, from 1 to the rank: the "effective rank" of Roy and Vetterli
     * 2007, definition 1; 0 for no change.
     */
    public double entropyRank() {
        double sum = values.stream().mapToDouble(Double::doubleValue).sum();
        double entropy = values.stream()
                .filter(value -> value > 0)
                .mapToDouble(value -> -value / sum * Math.log(value / sum))
                .sum();
        return isZero() ? 0 : Math.exp(entropy);
    }

    /** Share of the energy in the largest {@code count} values, 0 to 1; 1 for no change. */
    public double energyShare(int count) {
        return isZero() ? 1 : 1 - energyFrom(count) / energy();
    }

    /**
     * Relative Frobenius error of the best approximation of a rank, {@code sqrt(sum of the other squares / energy)}
     * (Eckart and Young 1936); 0 for no change.
     */
    public double error(int rank) {
        return isZero() ? 0 : Math.sqrt(energyFrom(rank) / energy());
    }

    /** The smallest rank, at least 1, whose values hold this share of the energy. */
    public int rankFor(double share) {
        InlayException.require(
                share > 0 && share <= 1, "a share of the energy is above 0 and at most 1, was %s", share);
        int rank = 1;
        while (rank < values.size() && energyShare(rank) < share) {
            rank++;
        }
        return rank;
    }

    private boolean isZero() {
        return values.get(0) == 0;
    }

    /** From the small to the large ones, so that the tail keeps its digits. */
    private double energyFrom(int first) {
        double sum = 0;
        for (int i = values.size() - 1; i >= first; i--) {
            sum += values.get(i) * values.get(i);
        }
        return sum;
    }
}
