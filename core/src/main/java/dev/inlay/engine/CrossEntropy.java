package dev.inlay.engine;

import java.util.List;
import org.bytedeco.pytorch.ScalarTypeOptional;

/** The loss of predicting labels: the negative logarithm of the probability that softmax gives to each. */
public final class CrossEntropy {
    private CrossEntropy() {}

    /**
     * Loss of each row, in nats.
     *
     * @param logits [rows, vocabulary], any floating type; computed in float32 or wider
     * @param labels [rows] int64, each in [0, vocabulary)
     * @return [rows, 1]
     */
    public static Tensor perRow(Tensor logits, Tensor labels) {
        long rows = logits.size(0);
        DType type = logits.dtype();
        DType wide = type.isHalf() ? DType.FLOAT32 : type;
        Tensor logProbabilities = Tensor.make(() -> {
            try (ScalarTypeOptional elements = new ScalarTypeOptional(wide.scalar())) {
                return logits.live().log_softmax(-1, elements);
            }
        });
        Tensor index = labels.reshape(rows, 1);
        Tensor loss = Tensor.make(() -> logProbabilities.live().gather(1, index.live()))
                .multiply(-1);
        return loss.from(
                g -> {
                    // In place: nobody reads the logarithms after this.
                    Tensor difference = logProbabilities;
                    Native.call(() -> difference.live().exp_());
                    Tensor minusOne = Tensor.full(-1, wide, g.device(), rows, 1);
                    Native.call(() -> difference.live().scatter_add_(1, index.live(), minusOne.live()));
                    logits.give(difference.multiply(g).to(type), true);
                },
                List.of(logProbabilities, index),
                logits);
    }
}
