package dev.inlay.adapter.twin;

import static dev.inlay.InlayException.require;

import java.util.List;
import java.util.Set;

/**
 * What the adapted side reads, in a layer and at a key head. The prefix is what comes before the gate opens, the suffix the
 * rest.
 *
 * @param inside what queries of the prefix read of its keys
 * @param prefix what queries of the suffix read of the prefix; of several, all stand side by side in one softmax
 * @param suffix what queries of the suffix read of the suffix
 */
public record Reader(Source inside, List<Source> prefix, Source suffix) {
    private static final Set<Share> BASE = Set.of(Share.BASE);
    private static final Set<Share> BASE_AND_DIRECT = Set.of(Share.BASE, Share.DIRECT_ON_BASE);

    /** The adapted side's own keys and values: the adapter acts on all tokens, as without a mask. */
    public static final Reader ADAPTED = of(Source.ADAPTED);
    /** The base's keys and values of the prefix: the same as a mask. */
    public static final Reader BASE_PREFIX = of(Source.BASE);
    /** The base's keys and values of all tokens (ICaRus): the adapter changes queries and what follows attention. */
    public static final Reader BASE_EVERYWHERE = new Reader(Source.BASE, List.of(Source.BASE), Source.BASE);
    /** The base's keys of the prefix and the adapted side's values, inside the prefix too (NK*). */
    public static final Reader BASE_KEYS = everywhere(Source.of(BASE, Share.ADAPTED));
    /** The adapted side's keys of the prefix and the base's values. */
    public static final Reader BASE_VALUES = of(Source.of(Share.ADAPTED, BASE));
    /** Keys and values of the prefix as the adapter makes them of the base's own input. */
    public static final Reader DIRECT = of(Source.of(BASE_AND_DIRECT, BASE_AND_DIRECT));
    /** The same of keys alone, with the base's values (K*). */
    public static final Reader DIRECT_KEYS = of(Source.of(BASE_AND_DIRECT, BASE));
    /** The prefix twice: as the base and as the adapted side sees it, in one softmax. */
    public static final Reader BOTH = new Reader(Source.ADAPTED, List.of(Source.BASE, Source.ADAPTED), Source.ADAPTED);

    public Reader {
        prefix = List.copyOf(prefix);
        require(!prefix.isEmpty(), "a suffix reads its prefix from at least one source");
    }

    /** Of the prefix, what a source has; all else as the adapted side makes it. */
    public static Reader of(Source prefix) {
        return new Reader(Source.ADAPTED, List.of(prefix), Source.ADAPTED);
    }

    /** Of the prefix, what a source has, also for the prefix itself. */
    public static Reader everywhere(Source prefix) {
        return new Reader(prefix, List.of(prefix), Source.ADAPTED);
    }

    /** Whether the base side must read the suffix too. */
    boolean readsWholeBase() {
        return !suffix.equals(Source.ADAPTED) || prefix.stream().anyMatch(source -> !source.hasWholeQueries());
    }
}
