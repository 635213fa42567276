package dev.inlay.app.experiments.personality;

import dev.inlay.model.Segments;
import dev.inlay.training.data.Example;
import java.util.Arrays;
import java.util.List;

/**
 * A sample as tokens. Its targets, the gate that the published trainer used and the gate that the published evaluation used
 * are three different things; what is attended to is a fourth, and none of them changes it.
 *
 * <p>The ids are not copied; nobody writes to them.
 *
 * @param ids [tokens]
 * @param boundary the first token of the second personality's part
 * @param review the first token of the review; of the flag where there is no review
 * @param end the first token behind the flag, which ends the turn
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of an array, never compared
public record PersonalityRow(int[] ids, int boundary, int review, int end) {
    public PersonalityRow {
        if (!(0 < boundary && boundary < review && review < end && end < ids.length)) {
            throw new IllegalArgumentException(
                    "places " + boundary + ", " + review + ", " + end + " in a row of " + ids.length + " tokens");
        }
    }

    /** [tokens]: review, flag and the first token that ends the turn. */
    public boolean[] targets() {
        boolean[] targets = new boolean[ids.length];
        Arrays.fill(targets, review, end + 1, true);
        return targets;
    }

    /** Open over the whole part of the second personality, as the published evaluation has it. */
    public Segments inferenceGate() {
        return Segments.from(boundary);
    }

    /**
     * Open exactly where a target is predicted: 1 + tokens of the review + tokens of the flag. The published trainer takes its
     * loss mask for the gate, so the token and all but the last of what precedes the review run without the adapter.
     */
    public Segments publishedTrainingGate() {
        return new Segments(List.of(new Segments.Run(review - 1, 1), new Segments.Run(end, 0)));
    }

    /** For the trainer; gates that are stated by their rows open at the segments, others by their rule. */
    public Example example(int line, Segments segments) {
        return new Example(ids, targets(), line, segments);
    }
}
