package dev.inlay.testing;

import java.util.Random;
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

    /** Neighbouring seeds of {@link Random} begin alike, so the seed is spread first. */
    private static Random random(long seed) {
        return new Random(seed * 0x9E3779B97F4A7C15L + 1);
    }
}
