package dev.inlay.model.text;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.inlay.InlayException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * One tokenizer inside the native library, freed by {@link #close}. Thread-safe: many may encode at once, closing waits.
 *
 * <p>The library is called without the object layer that its Java wrapper puts on top: that layer reports its use over
 * the network, applies settings of other files, and truncates by default.
 */
final class NativeTokenizer implements AutoCloseable {
    static {
        // The processor's own library lies in the jar; anything else would be looked for on the network.
        setIfAbsent("ai.djl.offline", "true");
        setIfAbsent("RUST_FLAVOR", "cpu");
        LibUtils.checkStatus();
    }

    private static final TokenizersLibrary LIBRARY = TokenizersLibrary.LIB;

    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final Path file;
    private long handle;

    /** Loads checked JSON; the file only serves to name it in errors. */
    NativeTokenizer(Path file, String json) {
        this.file = file;
        try {
            handle = LIBRARY.createTokenizerFromString(json);
        } catch (RuntimeException e) {
            throw InlayException.data("%s: not a usable tokenizer (%s)", file, e.getMessage())
                    .causedBy(e);
        }
    }

    private static void setIfAbsent(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /** The ids and the range of each, in UTF-16 units. */
    Encoded encode(String text) {
        lock.readLock().lock();
        try {
            requireOpen();
            long encoding = LIBRARY.encode(handle, text, false);
            try {
                return encoded(text, LIBRARY.getTokenIds(encoding), LIBRARY.getTokenCharSpans(encoding));
            } finally {
                LIBRARY.deleteEncoding(encoding);
            }
        } catch (RuntimeException e) {
            throw translated(e, "cannot encode the text");
        } finally {
            lock.readLock().unlock();
        }
    }

    /** The library counts code points. */
    private static Encoded encoded(String text, long[] ids, CharSpan[] spans) {
        int[] indices = Texts.utf16Indices(text);
        int[] starts = new int[ids.length];
        int[] ends = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            starts[i] = indices[spans[i].getStart()];
            ends[i] = indices[spans[i].getEnd()];
        }
        return new Encoded(toInts(ids), starts, ends);
    }

    private static int[] toInts(long[] ids) {
        return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
    }

    int[] ids(String text, boolean postProcess) {
        lock.readLock().lock();
        try {
            requireOpen();
            long encoding = LIBRARY.encode(handle, text, postProcess);
            try {
                return toInts(LIBRARY.getTokenIds(encoding));
            } finally {
                LIBRARY.deleteEncoding(encoding);
            }
        } catch (RuntimeException e) {
            throw translated(e, "cannot encode the text");
        } finally {
            lock.readLock().unlock();
        }
    }

    String decode(long[] ids) {
        lock.readLock().lock();
        try {
            requireOpen();
            return LIBRARY.decode(handle, ids, false);
        } catch (RuntimeException e) {
            throw translated(e, "cannot decode the ids");
        } finally {
            lock.readLock().unlock();
        }
    }

    private void requireOpen() {
        if (handle == 0) {
            throw new IllegalStateException("the tokenizer is closed");
        }
    }

    private RuntimeException translated(RuntimeException e, String what) {
        if (e instanceof InlayException || e instanceof IllegalStateException) {
            return e;
        }
        return InlayException.data("%s: %s (%s)", file, what, e.getMessage()).causedBy(e);
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (handle != 0) {
                LIBRARY.deleteTokenizer(handle);
                handle = 0;
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
