package dev.inlay.model;

import dev.inlay.engine.Tensor;
import java.util.Arrays;

/**
 * On which tokens of a tensor something acts, and how strongly: a gate, for the tokens that a pass shows.
 *
 * <p>What is closed is left alone bit by bit: the open tokens are taken out, changed and put back, so that their number is
 * what the change costs.
 */
public final class Acting {
    private final int count;
    private final int[] numbers;
    private final double[] strengths;
    private final boolean weighted;

    /** @param strengths of all tokens, in the order of the tensor's rows */
    Acting(double[] strengths) {
        this.count = strengths.length;
        int[] open = new int[count];
        int found = 0;
        for (int i = 0; i < count; i++) {
            if (strengths[i] != 0) {
                open[found++] = i;
            }
        }
        this.numbers = Arrays.copyOf(open, found);
        this.strengths = Arrays.stream(numbers).mapToDouble(i -> strengths[i]).toArray();
        this.weighted = Arrays.stream(this.strengths).anyMatch(each -> each != 1);
    }

    /** All tokens of a tensor, as strongly as trained. */
    static Acting everywhere(int count) {
        double[] strengths = new double[count];
        Arrays.fill(strengths, 1);
        return new Acting(strengths);
    }

    /** What is made of the open tokens. */
    public interface Change {
        /**
         * @param input [open, in]
         * @param output [open, out]
         * @param pass at the open tokens
         * @return [open, out]
         */
        Tensor apply(Tensor input, Tensor output, Pass pass);
    }

    /** Whether no token is open. */
    public boolean isNowhere() {
        return numbers.length == 0;
    }

    /** Whether all tokens are open. */
    public boolean isEverywhere() {
        return numbers.length == count;
    }

    /**
     * Changes the open tokens and no other.
     *
     * @param input [seen, in]
     * @param output [seen, out]
     * @param pass whose gate this is
     * @return [seen, out]; {@code output} itself where nothing is open
     */
    public Tensor apply(Tensor input, Tensor output, Pass pass, Change change) {
        if (isNowhere()) {
            return output;
        }
        if (isEverywhere()) {
            return change.apply(input, output, pass);
        }
        Tensor open = Tensor.of(numbers).to(output.device());
        int[] places = pass.places();
        Pass own = pass.at(Arrays.stream(numbers).map(i -> places[i]).toArray());
        return output.withRows(open, change.apply(input.rows(open), output.rows(open), own));
    }

    /**
     * What belongs to the open tokens, as strongly as they are open.
     *
     * @param values [open, ...]
     */
    public Tensor weighted(Tensor values) {
        return weighted
                ? values.times(Tensor.of(strengths, strengths.length, 1)
                        .to(values.dtype())
                        .to(values.device()))
                : values;
    }

    /**
     * What is the same for all tokens, as strongly as they are open.
     *
     * @param value [...], the same for each
     * @return [...], or [open, ...] where the strengths differ from 1
     */
    public Tensor of(Tensor value) {
        return weighted ? weighted(value.reshape(1, value.count()).expand(numbers.length, value.count())) : value;
    }
}
