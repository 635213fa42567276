package dev.inlay.training.data;

import dev.inlay.model.Segments;
import dev.inlay.model.text.Conversation;
import dev.inlay.model.text.Message;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One row of a data file, as written there; {@link #line()} is its line (of a JSON array: where the element starts). */
public sealed interface Row {

    int line();

    /** Everything that people wrote in it, piece by piece. */
    List<String> texts();

    /** A document; every token of it is learned. */
    record TextRow(int line, String text) implements Row {
        @Override
        public List<String> texts() {
            return List.of(text);
        }
    }

    /** What is given and what follows it; the completion is learned. */
    record CompletionRow(int line, String prompt, String completion) implements Row {
        @Override
        public List<String> texts() {
            return List.of(prompt + completion);
        }
    }

    /**
     * Tokens, where something else than a text decides on them, and what is done with each.
     *
     * @param ids [tokens]
     * @param learned runs of tokens that are learned, ascending; all but the first where there is none
     * @param open runs of tokens where a stated gate is open, ascending; null where the row does not say
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of an array, never compared
    record TokenRow(
            int line,
            int[] ids,
            List<Run> learned,
            @Nullable List<Run> open) implements Row {
        /**
         * Neighbouring tokens.
         *
         * @param start of the first, from 0
         * @param end behind the last
         * @param strength of a gate; 1 where it is learned
         */
        public record Run(int start, int end, double strength) {}

        public TokenRow {
            learned = List.copyOf(learned);
            open = open == null ? null : List.copyOf(open);
        }

        /** Where the row says that a stated gate is open; the last run goes on if it ends with the row. */
        public @Nullable Segments segments() {
            if (open == null) {
                return null;
            }
            double[] strengths = new double[ids.length];
            open.forEach(run -> Arrays.fill(strengths, run.start(), run.end(), run.strength()));
            return Segments.of(strengths);
        }

        @Override
        public List<String> texts() {
            return List.of();
        }
    }

    /** A conversation; the turns of the assistant are learned. */
    record ChatRow(int line, Conversation conversation) implements Row {
        @Override
        public List<String> texts() {
            return conversation.messages().stream().map(Message::content).toList();
        }
    }
}
