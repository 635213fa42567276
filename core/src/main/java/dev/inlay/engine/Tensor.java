package dev.inlay.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.LayoutOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * An n-dimensional array in native memory, row-major, with the operations that Inlay needs, each a line or two over
 * libtorch.
 *
 * <p><b>Memory.</b> A tensor belongs to the {@link Scope} in which it is made and must not be used after it closes.
 *
 * <p><b>Gradients.</b> An operation is recorded when one of its inputs leads to a leaf ({@link #asLeaf}); {@link
 * #backward} then adds to the {@link #gradient} of each leaf. Operations with a verb for a name ({@link #add}, {@link
 * #multiply}, {@link #fill}, {@link #copyFrom}) change the tensor in place and are never recorded.
 *
 * <p>Names of dimensions in the documentation are those of ARCHITECTURE.md's glossary. Failed shape checks are {@link
 * EngineException}s.
 */
public final class Tensor {
    private final org.bytedeco.pytorch.Tensor handle;
    private final AtomicInteger owners = new AtomicInteger(1);
    private @Nullable Node node;

    private Tensor(org.bytedeco.pytorch.Tensor handle) {
        this.handle = handle;
    }

    /** Wraps what a native call returned; the innermost scope owns it. */
    static Tensor make(Supplier<org.bytedeco.pytorch.Tensor> body) {
        Scope scope = Scope.innermost();
        Tensor tensor = new Tensor(Native.call(body));
        scope.register(tensor);
        return tensor;
    }

    // ------------------------------------------------------------------ making

    /** Uninitialised memory. */
    public static Tensor empty(DType type, Device device, long... shape) {
        return make(() -> filled(type, device, shape, null));
    }

    public static Tensor zeros(DType type, Device device, long... shape) {
        return full(0, type, device, shape);
    }

    public static Tensor full(double value, DType type, Device device, long... shape) {
        return make(() -> filled(type, device, shape, value));
    }

    private static org.bytedeco.pytorch.Tensor filled(DType type, Device device, long[] shape, @Nullable Double value) {
        for (long size : shape) {
            if (size < 0) {
                throw new EngineException("a dimension cannot be negative: " + Arrays.toString(shape));
            }
        }
        try (org.bytedeco.pytorch.Device where = device.handle();
                ScalarTypeOptional elements = new ScalarTypeOptional(type.scalar());
                DeviceOptional place = new DeviceOptional(where)) {
            org.bytedeco.pytorch.Tensor tensor =
                    torch.empty(shape, elements, NativeNone.LAYOUT, place, NativeNone.FLAG, NativeNone.MEMORY_FORMAT);
            if (value != null) {
                try (Scalar scalar = new Scalar(value.doubleValue())) {
                    tensor.fill_(scalar);
                }
            }
            return tensor;
        }
    }

    /** A float32 tensor on the processor. */
    public static Tensor of(float[] values, long... shape) {
        Tensor tensor = empty(DType.FLOAT32, Device.CPU, checked(values.length, shape));
        tensor.bytes(0, Math.multiplyExact(4, values.length)).asFloatBuffer().put(values);
        return tensor;
    }

    /** A float64 tensor on the processor. */
    public static Tensor of(double[] values, long... shape) {
        Tensor tensor = empty(DType.FLOAT64, Device.CPU, checked(values.length, shape));
        tensor.bytes(0, Math.multiplyExact(8, values.length)).asDoubleBuffer().put(values);
        return tensor;
    }

    /** An int64 tensor on the processor. */
    public static Tensor of(long[] values, long... shape) {
        Tensor tensor = empty(DType.INT64, Device.CPU, checked(values.length, shape));
        tensor.bytes(0, Math.multiplyExact(8, values.length)).asLongBuffer().put(values);
        return tensor;
    }

    /** An int64 vector on the processor: token ids, positions. */
    public static Tensor of(int[] values) {
        return of(Arrays.stream(values).asLongStream().toArray(), values.length);
    }

    private static long[] checked(int count, long[] shape) {
        long product = 1;
        for (long size : shape) {
            product = Math.multiplyExact(product, size);
        }
        if (product != count) {
            throw new EngineException(count + " values do not fill the shape " + Arrays.toString(shape));
        }
        return shape;
    }

    /** Independent uniform draws from [low, high); the same seed gives the same values. */
    public static Tensor uniform(double low, double high, long seed, DType type, long... shape) {
        Tensor tensor = empty(type, Device.CPU, shape);
        Randomness.with(seed, generator -> tensor.handle.uniform_(low, high, generator));
        return tensor;
    }

    /** Independent normal draws with mean 0; the same seed gives the same values. */
    public static Tensor normal(double deviation, long seed, DType type, long... shape) {
        Tensor tensor = empty(type, Device.CPU, shape);
        Randomness.with(seed, generator -> tensor.handle.normal_(0, deviation, generator));
        return tensor;
    }

    // ------------------------------------------------------------------ looking

    public DType dtype() {
        return DType.of(live().scalar_type());
    }

    public Device device() {
        return live().is_cuda() ? new Device(Device.Kind.CUDA, live().device().index()) : Device.CPU;
    }

    public int rank() {
        return (int) live().dim();
    }

    /** @param dimension from 0, or from the end when negative */
    public long size(int dimension) {
        return Native.call(() -> live().size(dimension));
    }

    public long[] shape() {
        long[] shape = new long[rank()];
        Arrays.setAll(shape, this::size);
        return shape;
    }

    /** Number of elements. */
    public long count() {
        return live().numel();
    }

    /** Bytes of all elements. */
    public long byteCount() {
        return count() * dtype().bytes();
    }

    /** The single element, as a double. */
    public double item() {
        return Native.call(() -> live().item_double());
    }

    /** The single element of an integer tensor. */
    public long itemLong() {
        return Native.call(() -> live().item_long());
    }

    public float[] toFloats() {
        float[] values = new float[Math.toIntExact(count())];
        try (Scope scope = Scope.open()) {
            Tensor flat = onCpu(DType.FLOAT32);
            flat.bytes(0, Math.multiplyExact(4, values.length)).asFloatBuffer().get(values);
        }
        return values;
    }

    public double[] toDoubles() {
        double[] values = new double[Math.toIntExact(count())];
        try (Scope scope = Scope.open()) {
            Tensor flat = onCpu(DType.FLOAT64);
            flat.bytes(0, Math.multiplyExact(8, values.length)).asDoubleBuffer().get(values);
        }
        return values;
    }

    public long[] toLongs() {
        long[] values = new long[Math.toIntExact(count())];
        try (Scope scope = Scope.open()) {
            Tensor flat = onCpu(DType.INT64);
            flat.bytes(0, Math.multiplyExact(8, values.length)).asLongBuffer().get(values);
        }
        return values;
    }

    private Tensor onCpu(DType type) {
        return detached().to(Device.CPU).to(type).contiguous();
    }

    /**
     * A view of the bytes [offset, offset + length) of a contiguous tensor on the processor, in the machine's byte
     * order (little-endian on every platform that the native build supports). Valid as long as the tensor.
     */
    public ByteBuffer bytes(long offset, int length) {
        if (offset < 0 || length < 0 || offset > byteCount() - length) {
            throw new EngineException(
                    "bytes [" + offset + ", +" + length + ") lie outside a tensor of " + byteCount() + " bytes");
        }
        if (!live().is_contiguous() || live().is_cuda()) {
            throw new EngineException("bytes are visible only of a contiguous tensor on the processor");
        }
        Pointer data = live().data_ptr();
        BytePointer start = new BytePointer(data);
        return start.position(offset).limit(offset + length).asByteBuffer().order(ByteOrder.nativeOrder());
    }

    /** Whether every element is finite; true for integers. */
    public boolean isFinite() {
        try (Scope scope = Scope.open()) {
            return make(() -> live().isfinite().all()).item() != 0;
        }
    }

    /** The largest absolute element; 0 for an empty tensor. NaN if one is NaN. */
    public double maxAbs() {
        if (count() == 0) {
            return 0;
        }
        try (Scope scope = Scope.open()) {
            Tensor magnitude = make(() -> live().abs());
            return make(() -> magnitude.live().max()).item();
        }
    }

    /** Euclidean norm of all elements. */
    public double norm() {
        try (Scope scope = Scope.open()) {
            return make(() -> live().norm()).item();
        }
    }

    @Override
    public String toString() {
        return owners.get() <= 0
                ? "tensor (freed)"
                : "tensor " + dtype().name().toLowerCase(Locale.ROOT) + Arrays.toString(shape()) + " on " + device();
    }

    // ------------------------------------------------------------------ gradients

    /** The same memory as a leaf: gradients with respect to it are collected. */
    public Tensor asLeaf() {
        Tensor leaf = alias();
        leaf.node = Node.leaf();
        Scope.innermost().register(leaf.node);
        return leaf;
    }

    /** The same memory, detached from the graph. */
    public Tensor detached() {
        return node == null ? this : alias();
    }

    /** Whether a gradient may flow through this tensor. */
    public boolean isTracked() {
        return node != null;
    }

    /**
     * Adds to each leaf's gradient the derivative of {@code sum(this * seed)}.
     *
     * @param seed same shape as this tensor
     */
    public void backward(Tensor seed) {
        Node start = node;
        if (start == null) {
            throw new EngineException("no leaf leads to this tensor; call asLeaf() on what shall get a gradient");
        }
        if (!Arrays.equals(seed.shape(), shape())) {
            throw new EngineException(
                    "the seed has shape " + Arrays.toString(seed.shape()) + ", the tensor " + Arrays.toString(shape()));
        }
        start.accumulate(seed, false);
        PriorityQueue<Node> pending =
                new PriorityQueue<>(Comparator.comparingLong(Node::number).reversed());
        Set<Node> seen = new HashSet<>();
        pending.add(start);
        seen.add(start);
        while (!pending.isEmpty()) {
            Node next = pending.poll();
            List<Node> inputs = List.copyOf(next.inputs());
            next.run();
            for (Node input : inputs) {
                if (seen.add(input)) {
                    pending.add(input);
                }
            }
        }
    }

    /** As {@link #backward(Tensor)} for a single number, with seed 1. */
    public void backward() {
        backward(full(1, dtype(), device(), shape()));
    }

    /** The gradient collected by a leaf, or null if none flowed. It lives as long as the leaf. */
    public @Nullable Tensor gradient() {
        if (node == null || !node.isLeaf()) {
            throw new EngineException("only a leaf collects a gradient");
        }
        return node.gradient();
    }

    @Nullable
    Node node() {
        return node;
    }

    private Tensor alias() {
        return make(() -> new org.bytedeco.pytorch.Tensor(live()));
    }

    /**
     * Records how this tensor was made, if one of the inputs is tracked.
     *
     * @param saved values that the rule reads; they stay alive until it has run
     */
    Tensor from(Node.Rule rule, List<Tensor> saved, @Nullable Tensor... inputs) {
        boolean tracked = false;
        for (Tensor input : inputs) {
            tracked |= input != null && input.node != null;
        }
        if (!tracked || Recomputation.skips()) {
            return this;
        }
        Node made = Node.of(rule);
        for (Tensor input : inputs) {
            if (input != null) {
                made.reads(input.node);
            }
        }
        saved.forEach(made::save);
        node = made;
        Scope.innermost().register(made);
        return this;
    }

    // ------------------------------------------------------------------ shapes

    public Tensor reshape(long... shape) {
        long[] before = shape();
        Tensor y = make(() -> live().reshape(shape));
        return y.from(g -> give(g.reshape(before), false), List.of(), this);
    }

    /** The slice [start, start + length) of one dimension, without copying. */
    public Tensor narrow(int dimension, long start, long length) {
        long[] before = shape();
        Tensor y = make(() -> live().narrow(dimension, start, length));
        return y.from(
                g -> {
                    if (node != null) {
                        node.accumulateSlice(g, before, dimension, start);
                    }
                },
                List.of(),
                this);
    }

    /** Exchanges two dimensions, without copying. */
    public Tensor transpose(int first, int second) {
        Tensor y = make(() -> live().transpose(first, second));
        return y.from(g -> give(g.transpose(first, second), false), List.of(), this);
    }

    /** A matrix transposed, without copying. */
    public Tensor transposed() {
        return transpose(0, 1);
    }

    public Tensor permute(long... order) {
        long[] back = new long[order.length];
        for (int i = 0; i < order.length; i++) {
            back[(int) order[i]] = i;
        }
        Tensor y = make(() -> live().permute(order));
        return y.from(g -> give(g.permute(back), false), List.of(), this);
    }

    /** Repeats dimensions of size one, without copying. */
    public Tensor expand(long... shape) {
        long[] before = shape();
        Tensor y = make(() -> live().expand(shape));
        return y.from(g -> give(g.sumTo(before), false), List.of(), this);
    }

    public Tensor contiguous() {
        Tensor y = make(() -> live().contiguous());
        return y.from(g -> give(g, false), List.of(), this);
    }

    /** Rows (slices of dimension 0) by number; a number may repeat. */
    public Tensor rows(Tensor numbers) {
        long[] before = shape();
        Tensor y = make(() -> live().index_select(0, numbers.live()));
        return y.from(
                g -> {
                    Tensor sum = zeros(g.dtype(), g.device(), before);
                    Native.call(() -> sum.handle.index_add_(0, numbers.live(), g.live()));
                    give(sum, true);
                },
                List.of(numbers),
                this);
    }

    /**
     * A copy in which these rows (slices of dimension 0) are others.
     *
     * @param numbers of the rows, each at most once
     * @param rows in the order of the numbers
     */
    public Tensor withRows(Tensor numbers, Tensor rows) {
        Tensor y = make(() -> live().index_copy(0, numbers.live(), rows.live()));
        return y.from(
                g -> {
                    rows.give(g.rows(numbers), true);
                    Tensor rest = g.copy();
                    try (Scalar none = new Scalar(0.0)) {
                        Native.call(() -> rest.handle.index_fill_(0, numbers.live(), none));
                    }
                    give(rest, true);
                },
                List.of(numbers),
                this,
                rows);
    }

    /** Joins along a dimension. */
    public static Tensor concat(int dimension, List<Tensor> parts) {
        Tensor y = make(() -> {
            try (TensorVector vector = new TensorVector()) {
                parts.forEach(part -> vector.push_back(part.live()));
                return torch.cat(vector, dimension);
            }
        });
        long[] lengths = parts.stream().mapToLong(part -> part.size(dimension)).toArray();
        return y.from(
                g -> {
                    long start = 0;
                    for (int i = 0; i < lengths.length; i++) {
                        parts.get(i).give(g.narrow(dimension, start, lengths[i]), false);
                        start += lengths[i];
                    }
                },
                List.of(),
                parts.toArray(new Tensor[0]));
    }

    /** Converts the elements; the gradient is converted back. */
    public Tensor to(DType type) {
        DType before = dtype();
        if (before == type) {
            return this;
        }
        Tensor y = make(() -> live().to(type.scalar()));
        return y.from(g -> give(g.to(before), true), List.of(), this);
    }

    /** Moves to a device; not recorded. */
    public Tensor to(Device target) {
        if (device().equals(target)) {
            return this;
        }
        return make(() -> {
            try (org.bytedeco.pytorch.Device where = target.handle()) {
                return live().to(where, live().scalar_type());
            }
        });
    }

    /** A contiguous copy in new memory; not recorded. */
    public Tensor copy() {
        Tensor y = empty(dtype(), device(), shape());
        return y.copyFrom(this);
    }

    // ------------------------------------------------------------------ arithmetic

    /** Element-wise sum; shapes broadcast. */
    public Tensor plus(Tensor other) {
        Tensor y = make(() -> live().add(other.live()));
        long[] left = shape();
        long[] right = other.shape();
        return y.from(
                g -> {
                    give(g.sumTo(left), false);
                    other.give(g.sumTo(right), false);
                },
                List.of(),
                this,
                other);
    }

    public Tensor minus(Tensor other) {
        return plus(other.times(-1));
    }

    /** Element-wise product; shapes broadcast. */
    public Tensor times(Tensor other) {
        Tensor y = make(() -> live().mul(other.live()));
        return y.from(
                g -> {
                    if (node != null) {
                        give(g.times(other.detached()).sumTo(shape()), true);
                    }
                    if (other.node != null) {
                        other.give(g.times(detached()).sumTo(other.shape()), true);
                    }
                },
                List.of(this, other),
                this,
                other);
    }

    public Tensor times(double factor) {
        Tensor y = make(() -> {
            try (Scalar scalar = new Scalar(factor)) {
                return live().mul(scalar);
            }
        });
        return y.from(g -> give(g.times(factor), true), List.of(), this);
    }

    /** Matrix product of the last two dimensions; leading dimensions broadcast. */
    public Tensor matmul(Tensor other) {
        Tensor y = make(() -> live().matmul(other.live()));
        return y.from(
                g -> {
                    if (node != null) {
                        give(g.matmul(other.detached().transpose(-2, -1)).sumTo(shape()), true);
                    }
                    if (other.node != null) {
                        other.give(detached().transpose(-2, -1).matmul(g).sumTo(other.shape()), true);
                    }
                },
                List.of(this, other),
                this,
                other);
    }

    /** Sum of all elements, accumulated in float32 or wider. */
    public Tensor sum() {
        DType before = dtype();
        long[] shape = shape();
        Tensor y = make(() -> {
            try (ScalarTypeOptional wide = new ScalarTypeOptional(wide(before).scalar())) {
                return live().sum(wide);
            }
        });
        return y.from(g -> give(g.to(before).expand(shape), false), List.of(), this);
    }

    /** Sum over one dimension, which stays with size one; accumulated in float32 or wider. */
    public Tensor sum(int dimension) {
        DType before = dtype();
        long[] shape = shape();
        Tensor y = make(() -> {
            try (ScalarTypeOptional wide = new ScalarTypeOptional(wide(before).scalar())) {
                return live().sum(new long[] {dimension}, true, wide);
            }
        });
        return y.from(g -> give(g.to(before).expand(shape), false), List.of(), this);
    }

    /** Sums broadcast dimensions away, so that a gradient gets the shape of its value. */
    Tensor sumTo(long[] shape) {
        return Arrays.equals(shape, shape()) ? this : make(() -> live().sum_to_size(shape));
    }

    private static DType wide(DType type) {
        return type.isHalf() ? DType.FLOAT32 : type;
    }

    public Tensor exp() {
        Tensor y = make(() -> live().exp());
        return y.from(g -> give(g.times(y.detached()), true), List.of(y), this);
    }

    public Tensor log() {
        Tensor y = make(() -> live().log());
        return y.from(g -> give(make(() -> g.live().div(live())), true), List.of(this), this);
    }

    /** Square root; not recorded. */
    public Tensor sqrt() {
        return make(() -> live().sqrt());
    }

    /** Element-wise quotient of one shape; not recorded. */
    public Tensor dividedBy(Tensor divisor) {
        return make(() -> live().div(divisor.live()));
    }

    public Tensor tanh() {
        Tensor y = make(() -> live().tanh());
        return y.from(g -> give(make(() -> torch.tanh_backward(g.live(), y.live())), true), List.of(y), this);
    }

    /** Softmax over the last dimension. */
    public Tensor softmax() {
        Tensor y = make(() -> live().softmax(-1));
        return y.from(
                g -> {
                    Tensor product = g.times(y.detached());
                    Tensor total = product.sum(-1).to(product.dtype());
                    give(product.minus(y.detached().times(total)), true);
                },
                List.of(y),
                this);
    }

    // ------------------------------------------------------------------ in place, never recorded

    /** Adds in place. @return this */
    public Tensor add(Tensor other) {
        Native.call(() -> live().add_(other.live()));
        return this;
    }

    /** Adds a multiple in place. @return this */
    public Tensor add(Tensor other, double factor) {
        try (Scalar scalar = new Scalar(factor)) {
            Native.call(() -> live().add_(other.live(), scalar));
        }
        return this;
    }

    /** Adds a number in place. @return this */
    public Tensor add(double value) {
        try (Scalar scalar = new Scalar(value)) {
            Native.call(() -> live().add_(scalar));
        }
        return this;
    }

    /** Multiplies in place. @return this */
    public Tensor multiply(double factor) {
        try (Scalar scalar = new Scalar(factor)) {
            Native.call(() -> live().mul_(scalar));
        }
        return this;
    }

    /** Multiplies in place, element by element. @return this */
    public Tensor multiply(Tensor other) {
        Native.call(() -> live().mul_(other.live()));
        return this;
    }

    /** Adds {@code factor * left * right} in place, element by element; shapes broadcast to this one. @return this */
    Tensor addProduct(Tensor left, Tensor right, double factor) {
        try (Scalar scalar = new Scalar(factor)) {
            Native.call(() -> live().addcmul_(left.live(), right.live(), scalar));
        }
        return this;
    }

    /** Sets every element. @return this */
    public Tensor fill(double value) {
        try (Scalar scalar = new Scalar(value)) {
            Native.call(() -> live().fill_(scalar));
        }
        return this;
    }

    /** Copies values of the same shape, converting elements and crossing devices. @return this */
    public Tensor copyFrom(Tensor source) {
        Native.call(() -> live().copy_(source.live()));
        return this;
    }

    // ------------------------------------------------------------------ ownership

    /** The native tensor, for the operations of this package. */
    org.bytedeco.pytorch.Tensor live() {
        if (owners.get() <= 0) {
            throw new EngineException("this tensor was freed with its scope; keep() what must outlive it");
        }
        return handle;
    }

    /** Contributes to the gradient, if one flows here. */
    void give(Tensor contribution, boolean fresh) {
        if (node != null) {
            node.accumulate(contribution, fresh);
        }
    }

    void retain() {
        owners.incrementAndGet();
    }

    void release() {
        if (owners.decrementAndGet() == 0) {
            handle.close();
        }
    }

    /** Absent options of native calls, made once. */
    private static final class NativeNone {
        static final LayoutOptional LAYOUT = new LayoutOptional();
        static final org.bytedeco.pytorch.BoolOptional FLAG = new org.bytedeco.pytorch.BoolOptional();
        static final MemoryFormatOptional MEMORY_FORMAT = new MemoryFormatOptional();
    }
}
