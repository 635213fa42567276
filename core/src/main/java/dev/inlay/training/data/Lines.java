package dev.inlay.training.data;

import dev.inlay.InlayException;
import java.io.IOException;
import java.io.Reader;
import org.jspecify.annotations.Nullable;

/** Lines of a reader, without their {@code \n} or {@code \r\n}; a line longer than the cap is refused before it is parsed. */
final class Lines {
    private final String name;
    private final Reader in;
    private final int cap;
    private final char[] block = new char[1 << 16];
    private int position;
    private int limit;
    private int number;

    Lines(String name, Reader in, int cap) {
        this.name = name;
        this.in = in;
        this.cap = cap;
    }

    /** Number of the line that {@link #next} returned last, from 1. */
    int number() {
        return number;
    }

    /** The next line, or null at the end; a file that ends with a line break has no empty last line. */
    @Nullable
    String next() throws IOException {
        StringBuilder line = new StringBuilder();
        number++;
        for (boolean any = false; ; any = true) {
            if (position == limit && !fill()) {
                return any ? trimmed(line) : null;
            }
            int end = position;
            while (end < limit && block[end] != '\n') {
                end++;
            }
            append(line, end);
            if (end < limit) {
                position = end + 1;
                return trimmed(line);
            }
            position = end;
        }
    }

    private void append(StringBuilder line, int end) {
        if ((long) line.length() + end - position > cap) {
            throw InlayException.data(
                    "%s line %d: longer than %,d characters, the most a line may have; split it into several rows",
                    name, number, cap);
        }
        line.append(block, position, end - position);
    }

    private boolean fill() throws IOException {
        position = 0;
        limit = Math.max(in.read(block, 0, block.length), 0);
        return limit > 0;
    }

    private static String trimmed(StringBuilder line) {
        int length = line.length();
        return line.substring(0, length > 0 && line.charAt(length - 1) == '\r' ? length - 1 : length);
    }
}
