package dev.inlay.model;

import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of the first tokens of a row, computed once: any number of rows that begin with these tokens go on from
 * it, in any number of passes and threads. It never changes.
 *
 * <p>Owns its memory: close it.
 *
 * @param layers one for each layer
 * @param length tokens
 */
public record Past(List<Layer> layers, int length, Scope owner) implements AutoCloseable {
    /**
     * What one layer left.
     *
     * @param keys [length, kv_heads, head_dim], turned to their positions
     * @param values [length, kv_heads, head_dim]
     */
    public record Layer(Tensor keys, Tensor values) {}

    public Past {
        layers = List.copyOf(layers);
    }

    /**
     * Reads the beginnings of rows in one pass of the bare model, without gradients.
     *
     * @param prefixes at least one, each with at least one token
     * @return one for each, in their order
     */
    public static List<Past> read(Decoder decoder, List<int[]> prefixes) {
        return read(decoder, prefixes, List.of());
    }

    /** As {@link #read(Decoder, List)}, with interventions that record nothing for gradients. */
    public static List<Past> read(Decoder decoder, List<int[]> prefixes, List<? extends Intervention> interventions) {
        Rows rows = Rows.of(prefixes);
        PastRecorder recorder = new PastRecorder(rows, decoder.config().layers());
        try (Scope scope = Scope.open()) {
            decoder.read(Pass.continuing(recorder, rows, interventions));
            return recorder.pasts();
        } catch (RuntimeException e) {
            recorder.close();
            throw e;
        }
    }

    /** Bytes of native memory held. */
    public long byteCount() {
        return layers.stream()
                .mapToLong(layer -> layer.keys.byteCount() + layer.values.byteCount())
                .sum();
    }

    @Override
    public void close() {
        owner.close();
    }

    /** Layers that grow while a pass runs. */
    static final class Builder {
        private final List<Layer> layers = new ArrayList<>();
        private final Scope owner;

        Builder(Scope owner) {
            this.owner = owner;
        }

        void add(Tensor keys, Tensor values) {
            layers.add(new Layer(keys, values));
        }

        Scope owner() {
            return owner;
        }

        Past past(int length) {
            return new Past(layers, length, owner);
        }
    }
}
