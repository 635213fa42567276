package dev.inlay.model.generation;

import dev.inlay.model.Decoder;
import dev.inlay.model.KvCache;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One row whose keys and values are kept from one prompt to the next: of a prompt only the tokens behind the longest
 * beginning that the row has read already are computed. Other tokens anywhere make everything from there on new, and so
 * do other interventions from where the first of them acts.
 *
 * <p>Owns native memory: close it. Not for use by two threads at once.
 */
public final class KeptRow implements AutoCloseable {
    private final Generator generator;
    private final Decoder decoder;
    private final KvCache cache;
    /** The tokens whose keys and values the cache holds. */
    private int[] read;
    /** Who intervened when they were read, and the prompt by which their gates were decided. */
    private Prompt last;

    KeptRow(Generator generator, Decoder decoder, KvCache cache) {
        this(generator, decoder, cache, new int[0], new Prompt(new int[0], generator.interventions()));
    }

    private KeptRow(Generator generator, Decoder decoder, KvCache cache, int[] read, Prompt last) {
        this.generator = generator;
        this.decoder = decoder;
        this.cache = cache;
        this.read = read;
        this.last = last;
    }

    /** Another row that has read the same and shares it with this one; each then goes on by itself. */
    public KeptRow fork() {
        return new KeptRow(generator, decoder, cache.branch(0, cache.length(0), 1), read, last);
    }

    /** Continues a prompt with the interventions of the generator. */
    public GenerationReport generate(int[] prompt, GenerationOptions options, GenerationListener listener) {
        return generate(new Prompt(prompt, generator.interventions()), options, listener);
    }

    /** Continues a prompt, as {@link Generator#generateEach} does. */
    public GenerationReport generate(Prompt prompt, GenerationOptions options, GenerationListener listener) {
        int[] ids = prompt.ids();
        generator.requireFits(0, ids);
        int same = Arrays.mismatch(read, ids);
        // The last token is read in any case: its hidden state chooses the next.
        int reused = Math.min(same < 0 ? read.length : same, ids.length - 1);
        if (!last.interventions().equals(prompt.interventions())) {
            reused = Math.min(reused, Math.min(begins(last), begins(prompt)));
            cache.forgetGates(0);
        }
        read = new int[0]; // whatever fails on the way, nothing is known of the cache then
        last = prompt;
        cache.truncate(0, Math.min(reused, cache.expect(0, prompt.reading())));
        if (!decoder.canContinue(cache, 0, ids.length - reused)) {
            cache.truncate(0, 0);
        }
        GenerationReport report = generator.generate(List.of(prompt), cache, options, listener);
        List<Integer> grown = report.rows().get(0).tokens();
        read = IntStream.concat(Arrays.stream(ids), grown.stream().mapToInt(Integer::intValue))
                .limit(cache.length(0))
                .toArray();
        return report;
    }

    private static int begins(Prompt prompt) {
        return prompt.interventions().stream()
                .mapToInt(intervention -> intervention.begins(prompt.reading()))
                .min()
                .orElse(Integer.MAX_VALUE);
    }

    @Override
    public void close() {
        cache.close();
    }
}
