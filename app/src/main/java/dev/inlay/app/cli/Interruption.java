package dev.inlay.app.cli;

import dev.inlay.InlayException;
import dev.inlay.InlayException.Kind;
import dev.inlay.model.files.AtomicDirectory;
import java.io.PrintWriter;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a command that is interrupted (Ctrl-C) or asked to end. One that knows how to stop where it is whole does
 * so, and the process ends with its code. Any other ends at once, with the code of an interruption, and takes what it has
 * half written with it. The Java machine itself would end with another code and leave that behind.
 */
final class Interruption implements AutoCloseable {
    private static final CompletableFuture<Integer> ENDED = new CompletableFuture<>();
    private static volatile @Nullable Runnable stop;

    private Interruption() {}

    /** From now on this process ends as said above. */
    static void handled(PrintWriter err, boolean json) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(err, json), "inlay-interruption"));
    }

    /** Until this is closed, an interruption calls {@code how} and then waits for the command to end. */
    static Interruption calls(Runnable how) {
        stop = how;
        return new Interruption();
    }

    /** The command has said its last word; where an interruption waits for it, the process ends now with this code. */
    static void commandEnded(int exitCode) {
        ENDED.complete(exitCode);
    }

    private static void end(PrintWriter err, boolean json) {
        if (ENDED.isDone()) {
            return;
        }
        Runnable how = stop;
        if (how == null) {
            AtomicDirectory.abandonAll();
            err.println(Failures.shown(
                    new InlayException(Kind.INTERRUPTED, "interrupted; nothing half-written is left", null), json));
            err.flush();
            Runtime.getRuntime().halt(Kind.INTERRUPTED.exitCode());
        } else {
            how.run();
            Runtime.getRuntime().halt(ENDED.join());
        }
    }

    @Override
    public void close() {
        stop = null;
    }
}
