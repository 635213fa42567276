package dev.inlay.engine;

import java.util.List;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The linear map {@code y = x W' + b}, on the fastest product that this libtorch has for the type and shape.
 *
 * <p>On the processor, oneDNN multiplies float32 matrices about twice as fast as the BLAS that libtorch calls by itself,
 * and a bfloat16 row by a matrix about twice as fast as libtorch's own choice; docs/decisions/0002 has the numbers.
 */
public final class Linear {
    /** Below this much work the dearer call of oneDNN (about 9 microseconds) costs more than it saves. */
    private static final double WORTH_ONEDNN = 2e6;

    private static final Scalar ONE = new Scalar(1.0);

    private Linear() {}

    /**
     * Applies the map. A frozen weight gets no gradient and the input is then not kept.
     *
     * @param x [tokens, in]
     * @param weight [out, in], any strides
     * @param bias [out] or null
     * @return [tokens, out]
     */
    public static Tensor apply(Tensor x, Tensor weight, @Nullable Tensor bias) {
        Tensor product = product(x, weight);
        if (bias != null) {
            product.add(bias);
        }
        List<Tensor> saved = weight.isTracked() ? List.of(x, weight) : List.of(weight);
        return product.from(g -> backward(x, weight, bias, g), saved, x, weight, bias);
    }

    /**
     * {@code base + x W'} in one step.
     *
     * @param base [tokens, out]
     * @param x [tokens, in]
     * @param weight [out, in]
     */
    public static Tensor onto(Tensor base, Tensor x, Tensor weight) {
        Tensor sum = isOneDnn(x, weight)
                ? Tensor.make(() -> OneDnn.linearOnto(base.live(), x.live(), weight.live()))
                : sum(base, x, weight.detached().transposed());
        List<Tensor> saved = weight.isTracked() ? List.of(x, weight) : List.of(weight);
        return sum.from(
                g -> {
                    base.give(g, false);
                    backward(x, weight, null, g);
                },
                saved,
                base,
                x,
                weight);
    }

    private static Tensor sum(Tensor base, Tensor x, Tensor turned) {
        return Tensor.make(() -> torch.addmm(base.live(), x.live(), turned.live(), ONE, ONE));
    }

    /** Whether libtorch must be told to take oneDNN: for many rows of float32. */
    private static boolean isOneDnn(Tensor x, Tensor weight) {
        return x.device().kind() == Device.Kind.CPU
                && x.dtype() == weight.dtype()
                && x.dtype() == DType.FLOAT32
                && x.size(0) > 1
                && work(x, weight) > WORTH_ONEDNN;
    }

    private static void backward(Tensor x, Tensor weight, @Nullable Tensor bias, Tensor g) {
        if (x.isTracked()) {
            x.give(product(g, weight.detached().transposed()), true);
        }
        if (weight.isTracked()) {
            weight.give(weightGradient(x.detached(), g), true);
        }
        if (bias != null && bias.isTracked()) {
            bias.give(g.sum(0).reshape(bias.shape()).to(bias.dtype()), true);
        }
    }

    /** dW = g' x [out, in], computed with the smaller side as rows, which oneDNN does better. */
    private static Tensor weightGradient(Tensor x, Tensor g) {
        if (g.size(1) <= x.size(1)) {
            return product(g.transposed(), x.transposed());
        }
        return product(x.transposed(), g.transposed()).transposed();
    }

    /** x W', not recorded; x [rows, in], weight [out, in]. */
    static Tensor product(Tensor x, Tensor weight) {
        if (isOneDnn(x, weight)) {
            return Tensor.make(() -> OneDnn.linear(x.live(), weight.live()));
        }
        if (x.size(0) == 1 && x.device().kind() == Device.Kind.CPU && x.dtype() == weight.dtype()) {
            return Companion.isShared(weight)
                    ? Companion.product(x, weight, Linear::rowProduct)
                    : rowProduct(x, weight);
        }
        return Tensor.make(() -> torch.linear(x.live(), weight.live()));
    }

    /** The product of one row on the processor. */
    private static Tensor rowProduct(Tensor x, Tensor weight) {
        return switch (x.dtype()) {
            case FLOAT32 -> vectorProduct(weight, x);
            case BFLOAT16 -> Tensor.make(() -> OneDnn.linear(x.live(), weight.live()));
            default -> Tensor.make(() -> torch.linear(x.live(), weight.live()));
        };
    }

    private static Tensor vectorProduct(Tensor weight, Tensor x) {
        Tensor row = x.detached().reshape(x.size(1));
        return Tensor.make(() -> weight.live().mv(row.live())).reshape(1, weight.size(0));
    }

    private static double work(Tensor x, Tensor weight) {
        return 2.0 * x.count() * weight.size(0);
    }

    /** The operator {@code mkldnn::_linear_pointwise}, reached through libtorch's dispatcher. */
    private static final class OneDnn {
        private static final Dispatcher DISPATCHER = Dispatcher.singleton();
        private static final OperatorHandle LINEAR = DISPATCHER.findSchemaOrThrow("mkldnn::_linear_pointwise", "");
        private static final OperatorHandle LINEAR_ONTO =
                DISPATCHER.findSchemaOrThrow("mkldnn::_linear_pointwise", "binary");
        private static final IValue SUM = new IValue("add");
        private static final IValue NOTHING = new IValue();
        private static final IValue PLAIN = new IValue("none");
        private static final IValue NO_ALGORITHM = new IValue("");
        private static final IValue NO_SCALARS = new IValue(new GenericList(
                LINEAR.schema().arguments().getPointer(4).type().get().containedType(0)));

        private OneDnn() {}

        static org.bytedeco.pytorch.Tensor linearOnto(
                org.bytedeco.pytorch.Tensor base, org.bytedeco.pytorch.Tensor x, org.bytedeco.pytorch.Tensor weight) {
            try (IValue input = new IValue(x);
                    IValue other = new IValue(base);
                    IValue matrix = new IValue(weight);
                    IValueVector stack = new IValueVector(input, other, matrix, NOTHING, SUM)) {
                DISPATCHER.callBoxed(LINEAR_ONTO, stack);
                return new org.bytedeco.pytorch.Tensor(stack.get(0).toTensor());
            }
        }

        static org.bytedeco.pytorch.Tensor linear(org.bytedeco.pytorch.Tensor x, org.bytedeco.pytorch.Tensor weight) {
            try (IValue input = new IValue(x);
                    IValue matrix = new IValue(weight);
                    IValueVector stack = new IValueVector(input, matrix, NOTHING, PLAIN, NO_SCALARS, NO_ALGORITHM)) {
                DISPATCHER.callBoxed(LINEAR, stack);
                return new org.bytedeco.pytorch.Tensor(stack.get(0).toTensor());
            }
        }
    }
}
