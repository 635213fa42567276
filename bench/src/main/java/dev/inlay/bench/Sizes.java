package dev.inlay.bench;

/**
 * How much work a job is.
 *
 * @param batch rows of a training step
 * @param pretrainingBatch rows of a step that trains all weights
 * @param length tokens of a row
 * @param warmUp training steps that are not timed
 * @param steps training steps that are timed
 * @param prompt tokens of the prompt
 * @param tokens tokens to generate
 * @param runs timed runs of generation, after one that is not
 * @param ceilingRows rows of the ceiling's products
 * @param ceilingBytes size of the buffer that the ceiling reads
 * @param ceilingSeconds least duration of an attempt at the ceiling
 */
record Sizes(
        int batch,
        int pretrainingBatch,
        int length,
        int warmUp,
        int steps,
        int prompt,
        int tokens,
        int runs,
        int ceilingRows,
        long ceilingBytes,
        double ceilingSeconds) {
    /** The job that results are published for. */
    static final Sizes FULL = new Sizes(4, 16, 256, 3, 10, 32, 100, 5, 1024, 512L << 20, 0.1);

    /** Enough to see that everything runs; the numbers mean nothing. */
    static final Sizes QUICK = new Sizes(2, 2, 16, 1, 1, 4, 4, 1, 16, 1L << 20, 1e-3);
}
