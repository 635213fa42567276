package dev.inlay.engine;

import org.jspecify.annotations.Nullable;

/**
 * A call of the engine that could not be carried out: shapes that do not fit, a tensor used after its scope, a failed
 * native check. It means a bug in the calling code, so it is not an {@link dev.inlay.InlayException}.
 */
public final class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1;

    EngineException(String message) {
        this(message, null);
    }

    EngineException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
