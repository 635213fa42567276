package dev.inlay.app.experiments.personality;

import dev.inlay.app.experiments.flags.Verdict;
import java.util.Set;

/**
 * One review of one answer.
 *
 * @param system the system prompt that was in force
 * @param task what the user asked
 * @param answer of the model under review
 * @param intervention what calls for the review, without the mark of the token
 * @param review empty where the flag follows the intervention at once
 * @param tags of the intervention and of the answer
 */
public record Sample(
        Origin origin,
        String system,
        String task,
        String answer,
        String intervention,
        String review,
        Verdict verdict,
        Set<String> tags) {
    public Sample {
        tags = Set.copyOf(tags);
    }

    /**
     * Where it comes from.
     *
     * @param model that answered
     * @param variant A for the neutral system prompt, B for the biased one
     * @param family of the intervention: split_personality, honesty_scare
     * @param version of the intervention
     */
    public record Origin(String topic, String model, String variant, String family, int version) {}

    /** The same sample with another verdict. */
    public Sample with(Verdict other) {
        return new Sample(origin, system, task, answer, intervention, review, other, tags);
    }

    /** The same sample whose flag follows the intervention at once. */
    public Sample flagOnly() {
        return new Sample(origin, system, task, answer, intervention, "", verdict, tags);
    }
}
