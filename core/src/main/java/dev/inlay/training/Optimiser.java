package dev.inlay.training;

import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;

/**
 * Moves parameters along their gradients by AdamW, with an own rate for the {@code up} factors (LoRA+, Hayou et al.
 * 2024). Owns the two moments: close it.
 */
public final class Optimiser implements AutoCloseable {
    private final AdamW settings;
    private final double upRatio;
    private final Parameters parameters;
    private final Scope owner = Scope.detached();
    private final Tensor mean;
    private final Tensor square;
    private int steps;

    /** @param upRatio learning rate of {@code up} over that of {@code down}; 1 for plain AdamW */
    public Optimiser(Parameters parameters, AdamW settings, double upRatio) {
        this.parameters = parameters;
        this.settings = settings;
        this.upRatio = upRatio;
        try (Scope scope = Scope.open()) {
            this.mean = owner.own(Tensor.zeros(DType.FLOAT32, Device.CPU, parameters.count()));
            this.square = owner.own(Tensor.zeros(DType.FLOAT32, Device.CPU, parameters.count()));
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
     * @param learningRate of the {@code down} factors
     */
    public void step(Tensor gradient, double learningRate) {
        steps++;
        try (Scope scope = Scope.open()) {
            mean.multiply(settings.beta1()).add(gradient, 1 - settings.beta1());
            square.multiply(settings.beta2()).add(gradient.times(gradient), 1 - settings.beta2());
            double firstBias = 1 - StrictMath.pow(settings.beta1(), steps);
            double secondBias = 1 - StrictMath.pow(settings.beta2(), steps);
            Tensor deviation = square.sqrt().multiply(1 / Math.sqrt(secondBias)).add(settings.epsilon());
            Tensor direction = mean.dividedBy(deviation).multiply(1 / firstBias);
            move(parameters.downs(parameters.values()), parameters.downs(direction), learningRate);
            move(parameters.ups(parameters.values()), parameters.ups(direction), learningRate * upRatio);
        }
    }

    private void move(Tensor values, Tensor direction, double rate) {
        values.multiply(1 - rate * settings.weightDecay()).add(direction, -rate);
    }

    @Override
    public void close() {
        owner.close();
    }
}
