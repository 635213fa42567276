package dev.inlay.app.experiments.world;

import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.model.files.AtomicDirectory.Existing;
import dev.inlay.model.files.Json;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * A task that a model of the world knows all words for, but was never asked to do: the user tells a review without its
 * verdict, and the assistant answers with a sentence of its own for each of the five ratings.
 *
 * <p>The opinions do not decide the rating, so nobody can always be right; how likely each answer is, given the review, is
 * known exactly.
 */
public final class Verdicts {
    /** An adjective that reviews use, for each value of the rating. */
    private static final Map<String, String> WORDS =
            Map.of("-2", "terrible", "-1", "poor", "0", "ordinary", "1", "good", "2", "wonderful");

    /** The number of different answers. */
    public static final int ANSWERS = WORDS.size();

    /** What the grammar calls the value of the rating. */
    private static final Attribute RATING = new Attribute("r", "value");

    private final Corpus corpus;
    private final Grammar grammar;
    private final Node root;

    /** What the user tells, and the right answer. */
    public record Verdict(String review, String answer) {}

    /** Of the texts of a split. */
    public Verdicts(Split split, long seed) {
        corpus = new Corpus(split, List.of(Register.REVIEW), seed, OptionalLong.empty());
        grammar = Grammar.of(split);
        root = grammar.root(List.of(Register.REVIEW));
    }

    /** The first ones; each is a function of the seed and its place. */
    public List<Verdict> first(int count) {
        return LongStream.range(0, count)
                .mapToObj(corpus::document)
                .map(document -> new Verdict(LabelTask.SENTIMENT.text(document), answer(document.label("sentiment"))))
                .toList();
    }

    /**
     * The probability of each answer given the review, as the grammar has it: no model can have a smaller mean loss than
     * {@code -log} of that of the right answer, and none is right more often than one that gives the likeliest. That no
     * further opinion follows tells nothing, because their number does not depend on the rating.
     */
    public SortedMap<String, Double> chances(Verdict verdict) {
        SortedMap<String, Double> chances = new TreeMap<>();
        new Predictor(grammar, Optional.empty())
                .given(root, verdict.review(), RATING)
                .forEach((rating, chance) -> chances.put(answer(rating), chance));
        return Collections.unmodifiableSortedMap(chances);
    }

    private static String answer(String rating) {
        return "It was " + WORDS.get(rating) + ".";
    }

    /**
     * Writes a directory to train on: {@code train.jsonl}, {@code valid.jsonl} and {@code test.jsonl}, rows of
     * {@code messages}. The same arguments give the same bytes.
     *
     * @param rows of the training file
     * @param heldOut rows of each other file
     */
    public static void write(Path directory, int rows, int heldOut, long seed) {
        AtomicDirectory.Body body = folder -> {
            for (Split split : List.of(Split.TRAIN, Split.VALID, Split.TEST)) {
                List<Verdict> verdicts = new Verdicts(split, seed).first(split == Split.TRAIN ? rows : heldOut);
                write(folder.resolve(split + ".jsonl"), verdicts);
            }
        };
        AtomicDirectory.write(directory, Existing.REFUSE, body, written -> {});
    }

    private static void write(Path file, List<Verdict> verdicts) throws IOException {
        try (BufferedWriter writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            for (Verdict verdict : verdicts) {
                List<Map<String, String>> turns = List.of(
                        new TreeMap<>(Map.of("role", "user", "content", verdict.review())),
                        new TreeMap<>(Map.of("role", "assistant", "content", verdict.answer())));
                writer.write(Json.line(Map.of("messages", turns)) + "\n");
            }
        }
    }
}
