package dev.inlay.training;

import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import java.util.List;

/** Moves values along their gradients by AdamW, slice by slice. Owns the two moments: close it. */
public final class Optimiser implements AutoCloseable {
    /** Values moved at once: with both moments, gradient and what is made in passing they stay in a core's cache. */
    private static final long PIECE = 1 << 15;

    private final AdamW settings;
    private final Tensor values;
    private final List<Trainable.Slice> slices;
    private final Scope owner = Scope.detached();
    private final Tensor mean;
    private final Tensor square;
    private int steps;

    /** @param slices one after the other, together all values */
    public Optimiser(Tensor values, List<Trainable.Slice> slices, AdamW settings) {
        this.values = values;
        this.slices = List.copyOf(slices);
        this.settings = settings;
        try (Scope scope = Scope.open()) {
            this.mean = owner.own(Tensor.zeros(DType.FLOAT32, Device.CPU, values.count()));
            this.square = owner.own(Tensor.zeros(DType.FLOAT32, Device.CPU, values.count()));
        }
    }

    /** Steps taken. */
    public int steps() {
        return steps;
    }

    /** First moment, [count]; restored by copying into it. */
    public Tensor mean() {
        return mean;
    }

    /** Second moment, [count]; restored by copying into it. */
    public Tensor square() {
        return square;
    }

    /** Continues after so many steps whose moments have been copied in. */
    public void resume(int stepsTaken) {
        this.steps = stepsTaken;
    }

    /**
     * One step.
     *
     * @param gradient [count]
     * @param learningRate of a slice of rate 1
     */
    public void step(Tensor gradient, double learningRate) {
        steps++;
        long start = 0;
        for (Trainable.Slice slice : slices) {
            long end = start + slice.count();
            for (long at = start; at < end; at += PIECE) {
                move(gradient, at, Math.min(PIECE, end - at), learningRate * slice.rate(), slice.decay());
            }
            start = end;
        }
    }

    private void move(Tensor gradient, long start, long count, double rate, double decay) {
        try (Scope scope = Scope.open()) {
            Tensor g = gradient.narrow(0, start, count);
            Tensor first = mean.narrow(0, start, count);
            Tensor second = square.narrow(0, start, count);
            first.multiply(settings.beta1()).add(g, 1 - settings.beta1());
            second.multiply(settings.beta2()).add(g.times(g), 1 - settings.beta2());
            double firstBias = 1 - StrictMath.pow(settings.beta1(), steps);
            double secondBias = 1 - StrictMath.pow(settings.beta2(), steps);
            Tensor deviation = second.sqrt().multiply(1 / Math.sqrt(secondBias)).add(settings.epsilon());
            Tensor direction = first.dividedBy(deviation).multiply(1 / firstBias);
            values.narrow(0, start, count)
                    .multiply(1 - rate * decay * settings.weightDecay())
                    .add(direction, -rate);
        }
    }

    @Override
    public void close() {
        owner.close();
    }
}
