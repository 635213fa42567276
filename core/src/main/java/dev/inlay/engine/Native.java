package dev.inlay.engine;

import dev.inlay.InlayException;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;

/**
 * The edge to libtorch: loads it once, fixes its thread pools, translates its failures.
 *
 * <p>Both native pools (OpenBLAS, OpenMP) spin at barriers, so that one busy neighbour on the machine slows every kernel
 * by an order of magnitude. Kernels therefore run on the calling thread, and {@link Workers} parallelises over rows.
 */
final class Native {
    static {
        // The engine frees by scopes alone: without JavaCPP's phantom references and its look at the process's memory
        // before each allocation, a call costs 0.8 instead of 2.3 microseconds. Must be set before its first class
        // loads.
        defaultProperty("org.bytedeco.javacpp.nopointergc", "true");
        defaultProperty("org.bytedeco.javacpp.maxBytes", "0");
        defaultProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        try {
            Loader.load(torch.class);
            openblas_nolapack.blas_set_num_threads(1);
            torch.set_num_threads(1);
        } catch (LinkageError | RuntimeException e) {
            throw new InlayException(
                    InlayException.Kind.FAULT,
                    "the native libtorch could not be loaded for " + Loader.getPlatform()
                            + "; add org.bytedeco:pytorch, :openblas and :javacpp with this classifier to the class path",
                    e);
        }
    }

    /** OpenMP keeps its thread count per calling thread; each thread that enters the engine sets its own to one. */
    private static final ThreadLocal<Boolean> ENTERED = ThreadLocal.withInitial(() -> {
        torch.set_num_threads(1);
        return true;
    });

    private Native() {}

    private static void defaultProperty(String key, String value) {
        if (System.getProperty(key) == null) {
            System.setProperty(key, value);
        }
    }

    /** Called once per thread before its first native call. */
    static void enter() {
        ENTERED.get();
    }

    static int cudaDevices() {
        enter();
        return torch.cuda_is_available() ? (int) torch.cuda_device_count() : 0;
    }

    /** Runs a native call; a failed check of libtorch comes back as one clear line with its cause kept. */
    static <T> T call(Supplier<T> body) {
        try {
            return body.get();
        } catch (EngineException | InlayException e) {
            throw e;
        } catch (RuntimeException e) {
            throw translate(e);
        }
    }

    private static RuntimeException translate(RuntimeException e) {
        String message = String.valueOf(e.getMessage());
        int trace = message.indexOf("Exception raised from");
        String line =
                (trace < 0 ? message : message.substring(0, trace)).strip().replaceAll("\\s*\\R\\s*", " ");
        if (line.contains("can't allocate memory") || line.contains("out of memory")) {
            return InlayException.memory("native memory ran out (%s); use a smaller batch or shorter rows", line)
                    .causedBy(e);
        }
        return new EngineException(line, e);
    }
}
