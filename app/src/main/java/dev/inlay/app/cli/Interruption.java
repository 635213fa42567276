package dev.inlay.app.cli;

import dev.inlay.InlayException.Kind;
import java.util.concurrent.CountDownLatch;

/**
 * What happens to a command that is interrupted (Ctrl-C) or asked to end: it stops where it is whole, and the process ends
 * with the code for it. The Java machine itself would end at once, with another code.
 */
final class Interruption implements AutoCloseable {
    private static final CountDownLatch ENDED = new CountDownLatch(1);

    private final Thread hook;

    private Interruption(Thread hook) {
        this.hook = hook;
    }

    /** Until this is closed, an interruption calls {@code stop} and then waits for the command to end. */
    static Interruption calls(Runnable stop) {
        Thread hook = new Thread(
                () -> {
                    stop.run();
                    awaitEnd();
                    Runtime.getRuntime().halt(Kind.INTERRUPTED.exitCode());
                },
                "inlay-interruption");
        Runtime.getRuntime().addShutdownHook(hook);
        return new Interruption(hook);
    }

    /** The command has said its last word; where an interruption waits for it, the process ends now. */
    static void commandEnded() {
        ENDED.countDown();
    }

    private static void awaitEnd() {
        try {
            ENDED.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
