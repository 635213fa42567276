package dev.inlay.engine;

import com.sun.jna.Function;
import java.util.Locale;

/**
 * Lets the C library keep freed memory instead of handing it back to the system: a training step frees and takes the same
 * sizes again and again, and taking a page anew costs more than computing with it (8 % of a step on the shape of
 * bench/RESULTS.md).
 */
final class FreedMemory {
    /** Parameters of glibc's mallopt and the largest values that it takes. */
    private static final int TRIM_THRESHOLD = -1;

    private static final int MMAP_THRESHOLD = -3;
    private static final int LARGEST_TRIM = Integer.MAX_VALUE;
    private static final int LARGEST_MMAP = 32 << 20;

    static {
        if (System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("linux")) {
            try {
                Function mallopt = Function.getFunction("c", "mallopt");
                mallopt.invokeInt(new Object[] {MMAP_THRESHOLD, LARGEST_MMAP});
                mallopt.invokeInt(new Object[] {TRIM_THRESHOLD, LARGEST_TRIM});
            } catch (UnsatisfiedLinkError | NoClassDefFoundError ignored) {
                // Another C library, or one that may not be called: slower, but as right.
            }
        }
    }

    private FreedMemory() {}

    /** Takes effect once per process. */
    static void keep() {}
}
