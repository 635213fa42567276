package dev.inlay.app.cli;

import java.util.concurrent.CompletableFuture;

/**
 * What happens to a command that is interrupted (Ctrl-C) or asked to end: it stops where it is whole, and the process ends
 * with the command's code. The Java machine itself would end at once, with another code.
 */
final class Interruption implements AutoCloseable {
    private static final CompletableFuture<Integer> ENDED = new CompletableFuture<>();

    private final Thread hook;

    private Interruption(Thread hook) {
        this.hook = hook;
    }

    /** Until this is closed, an interruption calls {@code stop} and then waits for the command to end. */
    static Interruption calls(Runnable stop) {
        Thread hook = new Thread(
                () -> {
                    stop.run();
                    Runtime.getRuntime().halt(ENDED.join());
                },
                "inlay-interruption");
        Runtime.getRuntime().addShutdownHook(hook);
        return new Interruption(hook);
    }

    /** The command has said its last word; where an interruption waits for it, the process ends now with this code. */
    static void commandEnded(int exitCode) {
        ENDED.complete(exitCode);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already: the hook runs and waits for the command's last word.
        }
    }
}
