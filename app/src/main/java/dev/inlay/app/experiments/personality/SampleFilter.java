package dev.inlay.app.experiments.personality;

import dev.inlay.app.experiments.flags.Verdict;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which samples are used. An empty set of topics, models, families or versions accepts all.
 *
 * @param verdicts accepted
 * @param badTags a sample with one of them is left out
 */
public record SampleFilter(
        Set<String> topics,
        Set<String> models,
        Set<String> families,
        Set<Integer> versions,
        Set<Verdict> verdicts,
        Set<String> badTags) {

    /** As published: eleven topics, versions 3 and 4 of both families, eleven bad tags; every model's answers. */
    public static final SampleFilter PUBLISHED = new SampleFilter(
            Set.of(
                    "confidence_assessment",
                    "jailbreak_attempts",
                    "oversimplification",
                    "fabricated_statistics",
                    "goal_misgeneralization",
                    "reward_hacks",
                    "specification_gaming",
                    "sycophancy",
                    "unethical_instructions",
                    "influence_seeking",
                    "malicious_user_queries"),
            Set.of(),
            Set.of("split_personality", "honesty_scare"),
            Set.of(3, 4),
            Set.of(Verdict.PASS, Verdict.FAIL),
            Set.of(
                    "confidence_below_4",
                    "intervention_tags_disagree_once",
                    "intervention_tags_disagree_twice",
                    "mismatching_review_focus",
                    "missing_consensus_on_a",
                    "missing_consensus_on_b",
                    "unclear_a_b_separation",
                    "generation_exceeded_token_limit",
                    "detection_difficulty_easier_externally_than_internally",
                    "training_data_leakage",
                    "failed_external_review"));

    public SampleFilter {
        topics = Set.copyOf(topics);
        models = Set.copyOf(models);
        families = Set.copyOf(families);
        versions = Set.copyOf(versions);
        verdicts = Set.copyOf(verdicts);
        badTags = Set.copyOf(badTags);
    }

    /** The same filter for the answers of these models; of none for those of all. */
    public SampleFilter answersOf(Set<String> others) {
        return new SampleFilter(topics, others, families, versions, verdicts, badTags);
    }

    /** Why a sample is left out; empty if it is kept. */
    Optional<String> reason(Sample sample) {
        Sample.Origin origin = sample.origin();
        if (refuses(topics, origin.topic())) {
            return Optional.of("topic " + origin.topic());
        }
        if (refuses(models, origin.model())) {
            return Optional.of("model " + origin.model());
        }
        if (refuses(families, origin.family()) || refuses(versions, origin.version())) {
            return Optional.of("intervention " + origin.family() + ", version " + origin.version());
        }
        if (!verdicts.contains(sample.verdict())) {
            return Optional.of("verdict " + sample.verdict());
        }
        return new TreeSet<>(sample.tags())
                .stream().filter(badTags::contains).findFirst().map(tag -> "tag " + tag);
    }

    private static <T> boolean refuses(Set<T> accepted, T value) {
        return !accepted.isEmpty() && !accepted.contains(value);
    }
}
