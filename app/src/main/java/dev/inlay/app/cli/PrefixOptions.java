package dev.inlay.app.cli;

import static dev.inlay.InlayException.require;

import dev.inlay.engine.DType;
import dev.inlay.engine.FreeMemory;
import dev.inlay.training.PastFiles;
import dev.inlay.training.PastSource;
import dev.inlay.training.Prefixes;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is done with the tokens before a gate opens. */
@SuppressWarnings("NullAway.Init") // picocli sets what has a default
final class PrefixOptions {
    /** Share of the free memory that kept prefixes may take. */
    private static final int SHARE = 4;

    @Option(
            names = "--prefixes",
            paramLabel = "HOW",
            defaultValue = "keep",
            description =
                    "What is done with the tokens before the gate opens, which need no gradient: keep (read them once,"
                            + " as far as memory allows), read (each time anew) or whole (record them, as other tools do); the"
                            + " results differ by rounding only. Default: ${DEFAULT-VALUE}.")
    PrefixUse use;

    @Option(
            names = "--prefix-files",
            paramLabel = "DIR",
            description =
                    "Where their keys and values are kept for other runs over the same rows and model. Default: nowhere.")
    @Nullable
    Path files;

    @Option(
            names = "--prefix-type",
            paramLabel = "TYPE",
            description = "Element type in these files, float32 or bfloat16. Default: that of the computation.")
    @Nullable
    String type;

    /** Refuses what would be ignored. */
    void check() {
        require(
                files == null || use == PrefixUse.KEEP,
                "--prefix-files is for --prefixes keep, here it is %s; leave one of them out",
                use);
        require(
                type == null || files != null,
                "--prefix-type is for --prefix-files DIR; leave it out or name a directory");
    }

    /**
     * @param base tells the model from others
     * @param computed the element type of the computation
     */
    Prefixes prefixes(String base, DType computed) {
        return switch (use) {
            case KEEP -> Prefixes.kept(room(FreeMemory.now()), source(base, computed));
            case READ -> Prefixes.fresh();
            case WHOLE -> Prefixes.whole();
        };
    }

    /** Bytes that kept prefixes may take. */
    long room(FreeMemory free) {
        return free.bytes() / SHARE;
    }

    private PastSource source(String base, DType computed) {
        return files == null
                ? PastSource.DECODER
                : new PastFiles(files, base, computed, ModelOptions.dtype(type).orElse(computed));
    }
}
