package dev.inlay.model.generation;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import dev.inlay.engine.Companion;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.KvCache;
import dev.inlay.model.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Continues prompts. Holds no state: safe for many threads, and owns neither decoder nor tokenizer.
 *
 * <pre>{@code
 * Generator generator = Generator.of(decoder, tokenizer, List.of(adapter));
 * GenerationOptions options = GenerationOptions.of(Sampling.greedy(), Stops.of(tokenizer), 100);
 * generator.generate(List.of(tokenizer.encode("Once")), options, (row, piece) -> System.out.print(piece));
 * }</pre>
 */
public final class Generator {
    private final Decoder decoder;
    private final @Nullable Tokenizer tokenizer;
    private final List<Intervention> interventions;

    private Generator(Decoder decoder, @Nullable Tokenizer tokenizer, List<? extends Intervention> interventions) {
        this.decoder = decoder;
        this.tokenizer = tokenizer;
        this.interventions = List.copyOf(interventions);
    }

    /** Generates text. */
    public static Generator of(Decoder decoder, Tokenizer tokenizer, List<? extends Intervention> interventions) {
        tokenizer.checkAgainst(decoder.config().vocabulary());
        return new Generator(decoder, tokenizer, interventions);
    }

    /** Generates tokens without text; stop strings cannot be asked for. */
    public static Generator ofTokens(Decoder decoder, List<? extends Intervention> interventions) {
        return new Generator(decoder, null, interventions);
    }

    /**
     * Continues every prompt with the interventions of this generator.
     *
     * @param prompts token ids, each prompt at least one and at most the context's length; rows are numbered by their
     *     place in this list
     */
    public GenerationReport generate(List<int[]> prompts, GenerationOptions options, GenerationListener listener) {
        return generateEach(
                prompts.stream().map(ids -> new Prompt(ids, interventions)).toList(), options, listener);
    }

    /**
     * Continues every prompt with interventions of its own in place of those of this generator; prompts of different
     * adapters share their passes. What all prompts begin with is read once, as far as nobody intervenes there.
     */
    public GenerationReport generateEach(List<Prompt> prompts, GenerationOptions options, GenerationListener listener) {
        List<GrowingRow> rows = new ArrayList<>();
        for (Prompt prompt : prompts) {
            rows.add(row(rows.size(), prompt, options, listener));
        }
        Stopwatch time = new Stopwatch();
        Sampler sampler = new Sampler(options.sampling());
        int shared = CommonBeginning.of(decoder, prompts);
        try (KvCache beginning = decoder.newCache(1)) {
            if (shared > 0) {
                CommonBeginning.read(decoder, beginning, prompts.get(0).ids(), shared, options.prefillTokens());
            }
            for (int start = 0; start < rows.size(); start += options.rowsAtOnce()) {
                List<GrowingRow> some = rows.subList(start, Math.min(rows.size(), start + options.rowsAtOnce()));
                try (KvCache cache =
                        shared > 0 ? beginning.branch(0, shared, some.size()) : decoder.newCache(some.size())) {
                    grow(new Batch(decoder, sampler, cache, some), options, time);
                }
            }
        }
        return time.report(rows.stream().map(GrowingRow::result).toList(), shared * Math.max(0, rows.size() - 1L));
    }

    /** Continues prompts, of which the rows of a cache have read a part. */
    GenerationReport generate(
            List<Prompt> prompts, KvCache cache, GenerationOptions options, GenerationListener listener) {
        List<GrowingRow> rows = new ArrayList<>();
        long known = 0;
        for (Prompt prompt : prompts) {
            known += cache.length(rows.size());
            rows.add(row(rows.size(), prompt, options, listener));
        }
        Stopwatch time = new Stopwatch();
        grow(new Batch(decoder, new Sampler(options.sampling()), cache, rows), options, time);
        return time.report(rows.stream().map(GrowingRow::result).toList(), known);
    }

    List<Intervention> interventions() {
        return interventions;
    }

    Decoder decoder() {
        return decoder;
    }

    private static void grow(Batch batch, GenerationOptions options, Stopwatch time) {
        Companion.with(options.threads(), () -> {
            batch.begin(options.prefillTokens());
            time.began();
            while (batch.size() > 0) {
                int grown = batch.size();
                batch.step();
                time.decoded(grown);
            }
        });
    }

    /** An empty row that keeps what it has read; close it before the decoder. */
    public KeptRow keptRow() {
        return new KeptRow(this, decoder, decoder.newCache(1));
    }

    /** Most tokens that a prompt and its continuation may have. */
    public int contextLength() {
        return decoder.config().contextLength();
    }

    private GrowingRow row(int number, Prompt prompt, GenerationOptions options, GenerationListener listener) {
        require(
                tokenizer != null || options.stops().strings().isEmpty(),
                "stop strings need a tokenizer; give the generator one, or stop at token ids");
        requireFits(number, prompt.ids());
        return new GrowingRow(number, prompt, contextLength(), options, tokenizer, listener);
    }

    void requireFits(int number, int[] prompt) {
        if (prompt.length == 0) {
            throw InlayException.data("prompt %d has no token; a model continues at least one", number);
        }
        if (prompt.length > contextLength()) {
            throw InlayException.data(
                    "prompt %d has %d tokens, the model's context holds %d; shorten it",
                    number, prompt.length, contextLength());
        }
    }

    /** Where the time of a request goes. */
    private static final class Stopwatch {
        private final long start = System.nanoTime();
        private double secondsToFirst;
        private long mark = start;
        private boolean begun;
        private long decodeNanos;
        private long decoded;

        void began() {
            mark = System.nanoTime();
            if (!begun) {
                secondsToFirst = (mark - start) * 1e-9;
                begun = true;
            }
        }

        void decoded(int tokens) {
            long now = System.nanoTime();
            decodeNanos += now - mark;
            mark = now;
            decoded += tokens;
        }

        GenerationReport report(List<Generated> rows, long reused) {
            return new GenerationReport(rows, reused, secondsToFirst, decodeNanos * 1e-9, decoded);
        }
    }
}
