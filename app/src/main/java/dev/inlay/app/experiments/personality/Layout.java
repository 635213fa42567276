package dev.inlay.app.experiments.personality;

import dev.inlay.InlayException;
import java.util.Arrays;
import java.util.Locale;

/**
 * Who speaks the review, and where the second personality begins ({@code >>}).
 *
 * <pre>
 * HP   system, user, answer         >> token, intervention, review, flag, end of the assistant's turn
 * UP   system, user, answer, end, user header >> token, intervention, review, flag, end of the user's turn
 * UR   system, user, answer, end, user header >> intervention, end, assistant header, token, review, flag, end
 * </pre>
 */
public enum Layout {
    /** The answer goes on. */
    HP,
    /** The user's turn that follows holds all. */
    UP,
    /** The user calls for the review and the assistant writes it. */
    UR;

    /** The layout of this name, as on the command line. */
    public static Layout named(String name) {
        return Arrays.stream(values())
                .filter(layout -> layout.toString().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        InlayException.usage("--layout is \"%s\"; choose from %s", name, Arrays.toString(values())));
    }

    /** As on the command line: {@code hp}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
