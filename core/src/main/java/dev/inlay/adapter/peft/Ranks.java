package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Rank and scale of each module's change.
 *
 * <p>scale = alpha / rank, or alpha / sqrt(rank) if rank-stabilised (rsLoRA), with the module's own rank and alpha. These
 * are looked up independently of each other: the first exception whose pattern ends the path decides.
 *
 * @param rank {@code r}, at least 1
 * @param alpha {@code lora_alpha}, above 0
 * @param stabilised {@code use_rslora}
 * @param rankExceptions {@code rank_pattern}, in file order
 * @param alphaExceptions {@code alpha_pattern}, in file order
 */
public record Ranks(
        int rank,
        double alpha,
        boolean stabilised,
        List<Except<Integer>> rankExceptions,
        List<Except<Double>> alphaExceptions) {

    /** Another value for the modules whose path ends in the pattern. */
    public record Except<V>(NamePattern pattern, V value) {}

    public Ranks {
        requireRank("r", rank);
        requireAlpha("lora_alpha", alpha);
        rankExceptions = List.copyOf(rankExceptions);
        alphaExceptions = List.copyOf(alphaExceptions);
        rankExceptions.forEach(e -> requireRank("rank_pattern of \"" + e.pattern() + "\"", e.value()));
        alphaExceptions.forEach(e -> requireAlpha("alpha_pattern of \"" + e.pattern() + "\"", e.value()));
    }

    /** The same rank and alpha everywhere. */
    public static Ranks uniform(int rank, double alpha, boolean stabilised) {
        return new Ranks(rank, alpha, stabilised, List.of(), List.of());
    }

    /**
     * Scale 1 everywhere, with a rank of its own for each module: the most frequent for all, and exceptions by whole path.
     *
     * @param ranks by path, at least one
     */
    public static Ranks unscaled(Map<String, Integer> ranks) {
        Map<Integer, Long> counts = ranks.values().stream()
                .collect(Collectors.groupingBy(rank -> rank, TreeMap::new, Collectors.counting()));
        int usual =
                Collections.max(counts.entrySet(), Map.Entry.comparingByValue()).getKey();
        List<Except<Integer>> rankExceptions = new ArrayList<>();
        List<Except<Double>> alphaExceptions = new ArrayList<>();
        new TreeMap<>(ranks).forEach((path, rank) -> {
            if (rank != usual) {
                NamePattern pattern = NamePattern.ending("rank_pattern", path.replace(".", "\\."));
                rankExceptions.add(new Except<>(pattern, rank));
                alphaExceptions.add(new Except<>(pattern, (double) rank));
            }
        });
        return new Ranks(usual, usual, false, rankExceptions, alphaExceptions);
    }

    int rankOf(String path) {
        return lookUp(rankExceptions, path, rank);
    }

    double alphaOf(String path) {
        return lookUp(alphaExceptions, path, alpha);
    }

    double scaleOf(String path) {
        int own = rankOf(path);
        return alphaOf(path) / (stabilised ? Math.sqrt(own) : own);
    }

    private static <V> V lookUp(List<Except<V>> exceptions, String path, V otherwise) {
        return exceptions.stream()
                .filter(e -> e.pattern().matches(path))
                .map(Except::value)
                .findFirst()
                .orElse(otherwise);
    }

    private static void requireRank(String key, int value) {
        if (value < 1) {
            throw InlayException.adapter("%s must be at least 1, was %d", key, value);
        }
    }

    private static void requireAlpha(String key, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw InlayException.adapter("%s must be a finite number above 0, was %s", key, value);
        }
    }
}
