package dev.inlay.model.generation;

import java.util.List;

/**
 * Looks for stop strings in a text that arrives in pieces. What was passed on never has to be taken back: an end of the
 * text that may become a stop string waits. How the text is cut into pieces makes no difference.
 */
final class StopScan {
    private final List<String> strings;
    private final int longest;
    private final StringBuilder waiting = new StringBuilder();
    private boolean stopped;

    StopScan(List<String> strings) {
        this.strings = strings;
        this.longest = strings.stream().mapToInt(String::length).max().orElse(0);
    }

    /** Whether a stop string was complete; nothing is passed on any more. */
    boolean isStopped() {
        return stopped;
    }

    /** Takes the next piece and answers what is surely not part of a stop string. */
    String accept(String piece) {
        if (stopped) {
            return "";
        }
        waiting.append(piece);
        int start = firstMatch();
        if (start >= 0) {
            stopped = true;
            return taken(start);
        }
        return taken(waiting.length() - openEnd());
    }

    /** Answers what waited, at the end of the text. */
    String finish() {
        return stopped ? "" : taken(waiting.length());
    }

    /** Where the string starts that is complete first (of several, the longest); -1 if none is. */
    private int firstMatch() {
        int start = -1;
        int end = Integer.MAX_VALUE;
        for (String string : strings) {
            int at = waiting.indexOf(string);
            int after = at + string.length();
            if (at >= 0 && (after < end || (after == end && at < start))) {
                start = at;
                end = after;
            }
        }
        return start;
    }

    /** Length of the longest end of the text that begins a stop string. */
    private int openEnd() {
        for (int length = Math.min(longest - 1, waiting.length()); length > 0; length--) {
            String end = waiting.substring(waiting.length() - length);
            if (strings.stream().anyMatch(string -> string.startsWith(end))) {
                return length;
            }
        }
        return 0;
    }

    private String taken(int end) {
        String text = waiting.substring(0, end);
        waiting.delete(0, end);
        return text;
    }
}
