package dev.inlay.app.experiments.personality;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How a sample is written as a row of data. */
@FunctionalInterface
public interface SampleForm {
    /**
     * A conversation: the layout {@link Layout#UR} without the token, as a plain question of the user and its answer. Rows of
     * {@code messages}: system, task, answer, {@code INTERVENTION: } and the intervention, {@code REVIEW:} and the review with
     * the flag on a line of its own.
     */
    SampleForm CHAT = sample -> Map.of(
            "messages",
            List.of(
                    turn("system", sample.system()),
                    turn("user", sample.task()),
                    turn("assistant", sample.answer()),
                    turn("user", "INTERVENTION: " + sample.intervention()),
                    turn("assistant", "REVIEW:" + sample.review() + "\nFLAG: " + sample.verdict())));

    /** The row as JSON has it. */
    Map<String, Object> row(Sample sample);

    /** Tokens in one of the published layouts: rows of {@code ids} that say what is learned and where the gate is open. */
    static SampleForm tokens(PersonalityEncoder encoder, Opening opening) {
        return sample -> {
            PersonalityRow row = encoder.row(sample);
            return new TreeMap<>(Map.of(
                    "ids", row.ids(),
                    "learned", List.of(List.of(row.review(), row.end() + 1)),
                    "open", List.of(opening.of(row))));
        };
    }

    private static Map<String, String> turn(String role, String content) {
        return new TreeMap<>(Map.of("role", role, "content", content));
    }
}
