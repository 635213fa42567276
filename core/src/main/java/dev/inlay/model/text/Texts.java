package dev.inlay.model.text;

/** Small facts about UTF-16 text. */
final class Texts {
    private Texts() {}

    /** The index of the first surrogate without its partner, or -1. */
    static int loneSurrogate(String text) {
        int c;
        for (int i = 0; i < text.length(); i += Character.charCount(c)) {
            c = text.codePointAt(i);
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                return i;
            }
        }
        return -1;
    }

    /** The UTF-16 index of every code point, and the length at the end. */
    static int[] utf16Indices(String text) {
        int[] indices = new int[text.codePointCount(0, text.length()) + 1];
        int at = 0;
        for (int i = 0; i < indices.length - 1; i++) {
            indices[i] = at;
            at += Character.charCount(text.codePointAt(at));
        }
        indices[indices.length - 1] = at;
        return indices;
    }

    /** A name from a file, short enough for one line of an error. */
    static String quoted(String name) {
        return "'" + (name.length() <= 60 ? name : name.substring(0, 60) + "...") + "'";
    }
}
