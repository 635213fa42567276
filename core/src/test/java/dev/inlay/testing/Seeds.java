package dev.inlay.testing;

import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * Property tests: the same check for many seeds, each its own test named by its seed.
 *
 * <p>{@code -Dinlay.seed=N} repeats one seed only.
 */
public final class Seeds {
    private Seeds() {}

    /** One test for each seed from 0 on; its name is the seed that repeats it. */
    public static Stream<DynamicTest> each(int count, Consumer<Random> property) {
        Long only = Long.getLong("inlay.seed");
        return (only == null ? LongStream.range(0, count) : LongStream.of(only))
                .mapToObj(seed -> DynamicTest.dynamicTest("seed " + seed, () -> property.accept(random(seed))));
    }

    /** Runs the check for seed after seed until the time is over; the failing seed is named. */
    public static long during(double seconds, BiConsumer<Long, Random> property) {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        long seed = 0;
        while (System.nanoTime() - end < 0) {
            try {
                property.accept(seed, random(seed));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("failed with seed " + seed + ": " + e, e);
            }
            seed++;
        }
        return seed;
    }

    /** Neighbouring seeds of {@link Random} begin alike, so the seed is spread first. */
    private static Random random(long seed) {
        return new Random(seed * 0x9E3779B97F4A7C15L + 1);
    }
}
