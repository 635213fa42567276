package dev.inlay.training.data;

import dev.inlay.InlayException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Characters of a UTF-8 stream without its byte-order mark; the first byte that is not UTF-8 is an error with its line. */
final class Utf8Reader extends Reader {
    private static final int BLOCK = 1 << 16;

    private final String name;
    private final InputStream in;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    private final ByteBuffer bytes = ByteBuffer.allocate(BLOCK).limit(0);
    private final CharBuffer chars = CharBuffer.allocate(BLOCK).limit(0);
    private int line = 1;
    private boolean started;
    private boolean ended;

    Utf8Reader(String name, InputStream in) {
        this.name = name;
        this.in = in;
    }

    @Override
    public int read(char[] target, int offset, int length) throws IOException {
        while (!chars.hasRemaining()) {
            if (ended) {
                return -1;
            }
            decodeBlock();
        }
        int count = Math.min(length, chars.remaining());
        chars.get(target, offset, count);
        return count;
    }

    private void decodeBlock() throws IOException {
        bytes.compact();
        int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
        ended = count < 0;
        bytes.position(bytes.position() + Math.max(count, 0)).flip();
        chars.clear();
        CoderResult result = decoder.decode(bytes, chars, ended);
        chars.flip();
        for (int i = 0; i < chars.limit(); i++) {
            line += chars.get(i) == '\n' ? 1 : 0;
        }
        if (result.isError()) {
            throw notUtf8();
        }
        if (!started && chars.hasRemaining()) {
            started = true;
            if (chars.get(0) == '\uFEFF') {
                chars.get();
            }
        }
    }

    private InlayException notUtf8() {
        int bad = bytes.get(bytes.position()) & 0xFF;
        boolean wide = line == 1 && !started && chars.limit() == 0 && bad >= 0xFE;
        return InlayException.data(
                "%s line %d: expected UTF-8, found byte 0x%02X%s; convert the file, for example: iconv -f %s -t UTF-8",
                name, line, bad, wide ? " (the mark of UTF-16)" : "", wide ? "UTF-16" : "LATIN1");
    }

    /** The stream belongs to whoever opened it. */
    @Override
    public void close() {}
}
