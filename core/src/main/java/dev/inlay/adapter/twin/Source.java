package dev.inlay.adapter.twin;

import static dev.inlay.InlayException.require;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a query of the adapted side takes of keys: which products make the score, and what of the values is mixed.
 *
 * @param scores at least one; the query of a term is a share of the adapted side's own query
 * @param values at least one
 */
public record Source(Set<Term> scores, Set<Share> values) {
    /** The base side's keys and values. */
    public static final Source BASE = of(Set.of(Share.BASE), Set.of(Share.BASE));
    /** The adapted side's keys and values. */
    public static final Source ADAPTED = of(Share.ADAPTED, Share.ADAPTED);

    public Source {
        scores = Set.copyOf(scores);
        values = Set.copyOf(values);
        require(!scores.isEmpty() && !values.isEmpty(), "a query reads at least one share of keys and one of values");
        require(
                scores.stream().allMatch(term -> Share.ADAPTED.contains(term.query())),
                "queries are those of the adapted side, which have the shares %s",
                Share.ADAPTED);
    }

    /** Whole queries over some shares of keys and of values. */
    public static Source of(Set<Share> keys, Set<Share> values) {
        Set<Term> terms = new HashSet<>();
        for (Share query : Share.ADAPTED) {
            keys.forEach(key -> terms.add(new Term(query, key)));
        }
        return new Source(terms, values);
    }

    /** The adapted side's keys and values without some of what they are made of (a knock-out). */
    public static Source without(Set<Term> scores, Set<Share> values) {
        return new Source(less(ADAPTED.scores, scores), less(ADAPTED.values, values));
    }

    private static <T> Set<T> less(Set<T> all, Set<T> some) {
        Set<T> rest = new HashSet<>(all);
        rest.removeAll(some);
        return rest;
    }

    /** Shares of keys that some term has. */
    Set<Share> keys() {
        return scores.stream().map(Term::key).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Shares of queries that a share of keys meets. */
    Set<Share> queriesOf(Share key) {
        return scores.stream()
                .filter(term -> term.key() == key)
                .map(Term::query)
                .collect(Collectors.toSet());
    }

    /** Whether whole queries meet all keys that they meet. */
    boolean hasWholeQueries() {
        return keys().stream().allMatch(key -> queriesOf(key).equals(Share.ADAPTED));
    }
}
