package dev.inlay.training.run;

import dev.inlay.engine.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;

/** How what a run trains lies on disk: in each of its checkpoints, and of the best one as the run's result. */
public interface Product {
    /** Name of the result's directory, and what to call it. */
    String name();

    /** The files in which the values lie bit for bit. */
    List<String> exactFiles();

    /** Writes the values as they stand into an empty directory. */
    void write(Path directory) throws IOException;

    /**
     * Visits each stored tensor together with the one it was written from.
     *
     * @throws dev.inlay.InlayException if there are others
     */
    void pairs(Path directory, BiConsumer<Tensor, Tensor> visitor);

    /** Reads a directory for no other reason than to know that it can be read. */
    void requireReadable(Path directory);
}
