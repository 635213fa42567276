package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The energy staircase on the circle (arXiv 2410.06833): the angles of tokens climb the energy E_beta in steps of equal
 * length, and tokens that meet are merged where the gradient has almost vanished. Each merge is a stair.
 *
 * @param stride length of a step is stride ln(beta)
 * @param iterations most steps
 */
public record Staircase(double beta, double stride, int iterations) {
    private static final double FLAT = 1e-5;
    private static final double TOGETHER = 1e-3;

    public Staircase {
        require(beta > 1 && stride > 0 && iterations > 0, "beta must be above 1, stride and iterations above 0");
    }

    /** Energy, ln e^(-beta) E_beta, and tokens apart after a number of steps. */
    public record Stair(int step, double logEnergy, int apart) {}

    /** The published start: half of (0, q/2, 2q, 4q, 7q) with q = ln(2000) / sqrt(2000). */
    public static double[] publishedStart() {
        double q = Math.log(2000) / Math.sqrt(2000);
        return new double[] {0, 0.25 * q, q, 2 * q, 3.5 * q};
    }

    /** The energy from the first to the last step, every {@code every} steps and at each merge. */
    public List<Stair> climb(double[] start, int every) {
        double[] angles = start.clone();
        int[] mass = new int[angles.length];
        Arrays.fill(mass, 1);
        List<Stair> stairs = new ArrayList<>();
        double length = stride * Math.log(beta);
        for (int step = 0; step <= iterations; step++) {
            double[] gradient = gradient(angles, mass);
            double norm = Math.sqrt(Arrays.stream(gradient).map(g -> g * g).sum());
            boolean merged = norm < FLAT && merge(angles, mass);
            if (step % every == 0 || merged) {
                int apart = (int) Arrays.stream(mass).filter(m -> m > 0).count();
                stairs.add(new Stair(step, logEnergy(angles, mass), apart));
            }
            for (int i = 0; i < angles.length && norm > 0; i++) {
                angles[i] += length * gradient[i] / norm;
            }
        }
        return stairs;
    }

    /** Of e^(-beta) E_beta. */
    private double[] gradient(double[] angles, int[] mass) {
        double[] gradient = new double[angles.length];
        for (int i = 0; i < angles.length; i++) {
            for (int j = 0; j < angles.length; j++) {
                double difference = angles[i] - angles[j];
                gradient[i] -= mass[i] * mass[j] * Math.exp(beta * (Math.cos(difference) - 1)) * Math.sin(difference);
            }
            gradient[i] /= angles.length * (double) angles.length;
        }
        return gradient;
    }

    private boolean merge(double[] angles, int[] mass) {
        for (int i = 0; i < angles.length; i++) {
            for (int j = 0; j < i; j++) {
                if (mass[i] > 0 && mass[j] > 0 && Math.abs(angles[i] - angles[j]) < TOGETHER) {
                    angles[j] = (mass[i] * angles[i] + mass[j] * angles[j]) / (mass[i] + mass[j]);
                    mass[j] += mass[i];
                    mass[i] = 0;
                    return true;
                }
            }
        }
        return false;
    }

    private double logEnergy(double[] angles, int[] mass) {
        double sum = 0;
        for (int i = 0; i < angles.length; i++) {
            for (int j = 0; j < angles.length; j++) {
                sum += mass[i] * mass[j] * Math.exp(beta * (Math.cos(angles[i] - angles[j]) - 1));
            }
        }
        return Math.log(sum / (2 * beta * angles.length * angles.length));
    }
}
