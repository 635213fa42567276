package dev.inlay.adapter.twin;

/** What each layer and key head of the adapted side reads. A value: the same for the same layer and head. */
@FunctionalInterface
public interface Readers {
    /**
     * @param layer from 0
     * @param head of keys, from 0
     */
    Reader of(int layer, int head);

    /** The same in all layers and heads. */
    static Readers all(Reader reader) {
        return (layer, head) -> reader;
    }

    /** One for the first layers, another from a layer on. */
    static Readers fromLayer(int layer, Reader below, Reader from) {
        return (at, head) -> at < layer ? below : from;
    }

    /** One for the first key heads, another from a head on. */
    static Readers fromHead(int head, Reader below, Reader from) {
        return (layer, at) -> at < head ? below : from;
    }
}
