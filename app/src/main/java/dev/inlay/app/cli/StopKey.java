package dev.inlay.app.cli;

import dev.inlay.InlayException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/**
 * Ctrl-C in a conversation: the first stops the answer that grows, a second one before the next line leaves the program
 * with the code of an interruption.
 */
final class StopKey implements AutoCloseable {
    private static final String SIGNAL = "INT";

    private final AtomicInteger pressed = new AtomicInteger();
    private final Console console;
    private final @Nullable Object before;
    private volatile boolean answering;

    StopKey(Console console) {
        this.console = console;
        this.before = Signals.register(SIGNAL, this::press);
    }

    private void press() {
        if (pressed.incrementAndGet() > 1) {
            Runtime.getRuntime().halt(InlayException.Kind.INTERRUPTED.exitCode());
        }
        if (!answering) {
            console.note("(Ctrl-C again leaves, and so does /exit)");
        }
    }

    /** An answer begins. */
    void answering() {
        pressed.set(0);
        answering = true;
    }

    /** A line is waited for. */
    void waiting() {
        pressed.set(0);
        answering = false;
    }

    boolean isPressed() {
        return pressed.get() > 0;
    }

    @Override
    public void close() {
        Signals.unregister(SIGNAL, before);
    }
}
