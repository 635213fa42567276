package dev.inlay.model.generation;

import dev.inlay.model.text.StreamDecoder;
import dev.inlay.model.text.Tokenizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The text of a row while it grows: tokens in, text that nothing can change any more out. */
final class GrowingText {
    private final @Nullable StreamDecoder decoder;
    private final StopScan scan;
    private final StringBuilder text = new StringBuilder();

    /** @param tokenizer without one there is no text */
    GrowingText(@Nullable Tokenizer tokenizer, int[] prompt, List<String> stops) {
        this.decoder = tokenizer == null ? null : tokenizer.stream(prompt);
        this.scan = new StopScan(stops);
    }

    String accept(int token) {
        return decoder == null ? "" : added(scan.accept(decoder.accept(token)));
    }

    /** What was held back, at the end of the row. */
    String finish() {
        return decoder == null ? "" : added(scan.accept(decoder.finish()) + scan.finish());
    }

    private String added(String piece) {
        text.append(piece);
        return piece;
    }

    boolean isStopped() {
        return scan.isStopped();
    }

    String text() {
        return text.toString();
    }
}
