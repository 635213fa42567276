package dev.inlay;

/** Text that may stem from a file, as a terminal may show it: control characters cannot split the line or act on it. */
public final class OneLine {
    private OneLine() {}

    /** The text with U+FFFD for every character that controls, formats or is half of a pair. */
    public static String of(String text) {
        StringBuilder line = new StringBuilder(text.length());
        text.codePoints().forEach(c -> line.appendCodePoint(isPlain(c) ? c : '\uFFFD'));
        return line.toString();
    }

    private static boolean isPlain(int codePoint) {
        return !Character.isISOControl(codePoint)
                && Character.getType(codePoint) != Character.FORMAT
                && Character.getType(codePoint) != Character.SURROGATE;
    }
}
