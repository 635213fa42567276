package dev.inlay.model.generation;

import dev.inlay.model.Decoder;
import dev.inlay.model.KvCache;
import dev.inlay.model.Reading;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One row whose keys and values are kept from one prompt to the next: of a prompt only the tokens behind the longest
 * beginning that the row has read already are computed. Other tokens anywhere make everything from there on new.
 *
 * <p>Keys and values depend on the tokens, the decoder and the interventions; the last two never change here. Owns native
 * memory: close it. Not for use by two threads at once.
 */
public final class KeptRow implements AutoCloseable {
    private final Generator generator;
    private final Decoder decoder;
    private final KvCache cache;
    /** The tokens whose keys and values the cache holds. */
    private int[] read = {};

    KeptRow(Generator generator, Decoder decoder, KvCache cache) {
        this.generator = generator;
        this.decoder = decoder;
        this.cache = cache;
    }

    /** Continues a prompt, as {@link Generator#generate} does. */
    public GenerationReport generate(int[] prompt, GenerationOptions options, GenerationListener listener) {
        generator.requireFits(0, prompt);
        int same = Arrays.mismatch(read, prompt);
        // The last token is read in any case: its hidden state chooses the next.
        int reused = Math.min(same < 0 ? read.length : same, prompt.length - 1);
        read = new int[0]; // whatever fails on the way, nothing is known of the cache then
        cache.truncate(0, Math.min(reused, cache.expect(0, Reading.of(prompt))));
        if (!decoder.canContinue(cache, 0, prompt.length - reused)) {
            cache.truncate(0, 0);
        }
        GenerationReport report = generator.generate(List.of(new Prompt(prompt, generator.interventions())), cache, options, listener);
        List<Integer> grown = report.rows().get(0).tokens();
        read = IntStream.concat(Arrays.stream(prompt), grown.stream().mapToInt(Integer::intValue))
                .limit(cache.length(0))
                .toArray();
        return report;
    }

    @Override
    public void close() {
        cache.close();
    }
}
