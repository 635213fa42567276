package dev.inlay.app.experiments.personality;

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
    UR
}
