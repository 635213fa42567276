package dev.inlay.training;

import dev.inlay.model.Decoder;
import dev.inlay.model.Past;
import java.util.List;
import java.util.Map;

/** Where keys and values of beginnings come from that nobody keeps in memory. Safe for many threads. */
@FunctionalInterface
public interface PastSource {
    /** The decoder reads them. */
    PastSource DECODER = Prefixes::read;

    /**
     * @param distinct beginnings, each once, each with at least one token
     * @return one for each; the caller closes them
     */
    Map<Prefixes.Beginning, Past> of(Decoder decoder, List<int[]> distinct);
}
