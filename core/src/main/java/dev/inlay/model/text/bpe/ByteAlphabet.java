package dev.inlay.model.text.bpe;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The 256 bytes as printable characters, as GPT-2 has it: visible Latin-1 characters stand for themselves, the other 68
 * bytes in order for U+0100 to U+0143. So a space is {@code U+0120}.
 */
final class ByteAlphabet {
    private static final char[] CHARACTERS = characters();

    private ByteAlphabet() {}

    private static char[] characters() {
        char[] characters = new char[256];
        char next = 256;
        for (int value = 0; value < 256; value++) {
            boolean visible = (value > ' ' && value < 0x7F) || (value > 0xA0 && value != 0xAD);
            characters[value] = visible ? (char) value : next++;
        }
        return characters;
    }

    /** The UTF-8 bytes of a text, spelled. */
    static String spell(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        StringBuilder spelled = new StringBuilder(bytes.length);
        for (byte each : bytes) {
            spelled.append(CHARACTERS[each & 0xFF]);
        }
        return spelled.toString();
    }

    /** All characters in ascending order: the order of their ids. */
    static char[] sorted() {
        char[] sorted = CHARACTERS.clone();
        Arrays.sort(sorted);
        return sorted;
    }
}
