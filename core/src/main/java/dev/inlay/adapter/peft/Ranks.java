package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
     * A rank of its own for each module, all with scale 1: alpha is the rank. The most frequent rank is the rule, the
     * others are exceptions by their full paths.
     *
     * @param ranks by full path, at least one
     */
    public static Ranks unscaled(Map<String, Integer> ranks) {
        Map<Integer, Integer> counts = new TreeMap<>();
        ranks.values().forEach(rank -> counts.merge(rank, 1, Integer::sum));
        int usual =
                Collections.max(counts.entrySet(), Map.Entry.comparingByValue()).getKey();
        List<Except<Integer>> rankExceptions = new ArrayList<>();
        List<Except<Double>> alphaExceptions = new ArrayList<>();
        ranks.forEach((path, rank) -> {
            if (rank != usual) {
                String expression = path.replace(".", "\\.");
                rankExceptions.add(new Except<>(NamePattern.ending("rank_pattern", expression), rank));
                alphaExceptions.add(new Except<>(NamePattern.ending("alpha_pattern", expression), (double) rank));
            }
        });
        return new Ranks(usual, usual, false, rankExceptions, alphaExceptions);
    }

    /** The patterns that decide for none of these paths. */
    public List<NamePattern> idle(List<String> paths) {
        return Stream.concat(idle(rankExceptions, paths), idle(alphaExceptions, paths))
                .toList();
    }

    private static <V> Stream<NamePattern> idle(List<Except<V>> exceptions, List<String> paths) {
        Set<NamePattern> deciding = paths.stream()
                .flatMap(path -> first(exceptions, path).stream())
                .map(Except::pattern)
                .collect(Collectors.toSet());
        return exceptions.stream().map(Except::pattern).filter(pattern -> !deciding.contains(pattern));
    }

    /**
     * The paths for which patterns of different values match, so that their order decides. PEFT sorts patterns when it
     * writes an adapter, and then another one decides.
     */
    public List<String> disputed(List<String> paths) {
        return paths.stream()
                .filter(path -> values(rankExceptions, path) > 1 || values(alphaExceptions, path) > 1)
                .toList();
    }

    private static <V> long values(List<Except<V>> exceptions, String path) {
        return exceptions.stream()
                .filter(e -> e.pattern().matches(path))
                .map(Except::value)
                .distinct()
                .count();
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
        return first(exceptions, path).map(Except::value).orElse(otherwise);
    }

    private static <V> Optional<Except<V>> first(List<Except<V>> exceptions, String path) {
        return exceptions.stream().filter(e -> e.pattern().matches(path)).findFirst();
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
