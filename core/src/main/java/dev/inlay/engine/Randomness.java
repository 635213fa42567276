package dev.inlay.engine;

import java.util.function.Function;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.global.torch;

/** Random draws that depend on their seed alone, never on a generator's history. */
public final class Randomness {
    private Randomness() {}

    /**
     * Derives an independent seed, so that one seed can serve many purposes (SplitMix64's finaliser; Steele, Lea and
     * Flood 2014).
     */
    public static long derive(long seed, long... purposes) {
        long mixed = mix(seed);
        for (long purpose : purposes) {
            mixed = mix(mixed + 0x9E3779B97F4A7C15L * (purpose + 1));
        }
        return mixed;
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    static void with(long seed, Function<GeneratorOptional, org.bytedeco.pytorch.Tensor> draw) {
        try (Generator generator = torch.createCPUGenerator(seed);
                GeneratorOptional optional = new GeneratorOptional(generator)) {
            Native.call(() -> draw.apply(optional));
        }
    }
}
