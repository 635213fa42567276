package dev.inlay.engine;

/**
 * Rows of equally many numbers in Java's memory, in which all lanes (columns) go through the same arithmetic. Loops over
 * lanes have no order of sums to keep, so the virtual machine turns them into vector instructions.
 */
abstract sealed class Lanes permits FloatLanes, DoubleLanes {
    /** A copy of a tensor of float32 or float64; its last dimension becomes the lanes. */
    static Lanes of(Tensor tensor) {
        int lanes = (int) tensor.size(-1);
        return tensor.dtype() == DType.FLOAT64
                ? DoubleLanes.copyOf(tensor.toDoubles(), lanes)
                : FloatLanes.copyOf(tensor.toFloats(), lanes);
    }

    /** Zeros of the same kind and number of lanes. */
    abstract Lanes zeros(int rows);

    /** Row {@code to} += factor * row {@code i} of {@code left} * row {@code j} of {@code right}. */
    abstract void addProduct(int to, double factor, Lanes left, int i, Lanes right, int j);

    /** Softmax in every lane over so many rows from {@code first} on. */
    abstract void softmax(int first, int count);

    abstract Tensor tensor(long... shape);
}
