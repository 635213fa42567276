package dev.inlay.model.files;

import dev.inlay.InlayException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** UTF-8 without replacement characters: a byte that is not UTF-8 is an error with its place. */
public final class StrictUtf8 {
    private static final int WINDOW = 8192;

    private StrictUtf8() {}

    /** Checks without keeping the decoded text. */
    static void check(byte[] bytes, String where) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(WINDOW);
        CoderResult result;
        do {
            out.clear();
            result = decoder.decode(in, out, true);
        } while (result.isOverflow());
        if (result.isError()) {
            throw InlayException.data(
                    "%s: byte %d (0x%02X) is not UTF-8; save the file as UTF-8",
                    where, in.position(), bytes[in.position()] & 0xFF);
        }
    }

    /**
     * The text of these bytes.
     *
     * @param where names the source in the error
     */
    public static String decode(byte[] bytes, String where) {
        check(bytes, where);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
