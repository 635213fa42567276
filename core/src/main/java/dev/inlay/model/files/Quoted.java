package dev.inlay.model.files;

/** Names from files, as messages show them: in quotes and never so long that they hide the reason. */
final class Quoted {
    private static final int LONGEST = 120;

    private Quoted() {}

    static String name(String name) {
        return "'" + shortened(name) + "'";
    }

    static String shortened(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "... (" + text.length() + " characters)";
    }
}
