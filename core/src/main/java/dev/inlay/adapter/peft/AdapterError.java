package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import java.util.function.Supplier;

/** A broken file inside an adapter is a bad adapter, whatever reads it. */
public final class AdapterError {
    private AdapterError() {}

    public static <V> V of(Supplier<V> reading) {
        try {
            return reading.get();
        } catch (InlayException e) {
            if (e.kind() != InlayException.Kind.DATA) {
                throw e;
            }
            throw e.as(InlayException.Kind.ADAPTER);
        }
    }
}
