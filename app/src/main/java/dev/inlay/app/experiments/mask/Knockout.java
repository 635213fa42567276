package dev.inlay.app.experiments.mask;

import dev.inlay.adapter.twin.Reader;
import dev.inlay.adapter.twin.Share;
import dev.inlay.adapter.twin.Source;
import dev.inlay.adapter.twin.Term;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is taken away from an adapter that acts on all tokens, where the suffix of a row reads its prefix: q, k and v are the
 * base's, dq, dk and dv what the adapter adds, by its own maps (direct) or by what it did to their input (indirect). Later
 * layers see the result.
 *
 * @param name as it is shown
 * @param scores products that are left out of scores
 * @param values shares that are left out of values
 */
public record Knockout(String name, Set<Term> scores, Set<Share> values) {
    private static final Set<Share> BASE = Set.of(Share.BASE);
    private static final Set<Share> CHANGE = Set.of(Share.INDIRECT, Share.DIRECT);
    private static final Set<Term> OLD_QUERY_NEW_KEY = terms(BASE, CHANGE);
    private static final Set<Term> NEW_QUERY_NEW_KEY = terms(CHANGE, CHANGE);
    private static final Set<Term> NEW_KEY = terms(Share.ADAPTED, CHANGE);

    /** In the order in which they are shown; the last is the mask. */
    public static final List<Knockout> ALL = List.of(
            new Knockout("q.dk", OLD_QUERY_NEW_KEY, Set.of()),
            new Knockout("q.dk direct", terms(BASE, Set.of(Share.DIRECT)), Set.of()),
            new Knockout("q.dk indirect", terms(BASE, Set.of(Share.INDIRECT)), Set.of()),
            new Knockout("dq.k", terms(CHANGE, BASE), Set.of()),
            new Knockout("dq.dk", NEW_QUERY_NEW_KEY, Set.of()),
            new Knockout("dv", Set.of(), CHANGE),
            new Knockout("dv direct", Set.of(), Set.of(Share.DIRECT)),
            new Knockout("dv indirect", Set.of(), Set.of(Share.INDIRECT)),
            new Knockout("q.dk, dq.dk", NEW_KEY, Set.of()),
            new Knockout("q.dk, dv", OLD_QUERY_NEW_KEY, CHANGE),
            new Knockout("dq.dk, dv", NEW_QUERY_NEW_KEY, CHANGE),
            new Knockout("q.dk, dq.dk, dv", NEW_KEY, CHANGE));

    public Knockout {
        scores = Set.copyOf(scores);
        values = Set.copyOf(values);
    }

    private static Set<Term> terms(Set<Share> queries, Set<Share> keys) {
        Set<Term> terms = new HashSet<>();
        queries.forEach(query -> keys.forEach(key -> terms.add(new Term(query, key))));
        return terms;
    }

    /** What is left. */
    Reader reader() {
        return Reader.of(Source.without(scores, values));
    }
}
