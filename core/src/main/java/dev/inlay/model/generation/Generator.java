package dev.inlay.model.generation;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import dev.inlay.engine.Companion;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.KvCache;
import dev.inlay.model.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
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
     * adapters share their passes. What all prompts begin with is read once, as far as nobody intervenes there. Where
     * there are threads for it, two batches of prompts grow at once: an intervention must serve several threads, as
     * adapters do.
     */
    public GenerationReport generateEach(List<Prompt> prompts, GenerationOptions options, GenerationListener listener) {
        GenerationListener watching = new OneAtATime(listener);
        List<GrowingRow> rows = new ArrayList<>();
        for (Prompt prompt : prompts) {
            rows.add(row(rows.size(), prompt, options, watching));
        }
        Stopwatch time = new Stopwatch();
        int shared = CommonBeginning.of(decoder, prompts);
        try (KvCache beginning = decoder.newCache(1)) {
            if (shared > 0) {
                CommonBeginning.read(decoder, beginning, prompts.get(0).ids(), shared, options.prefillTokens());
            }
            Batches batches = Batches.of(rows, options, decoder.device().kind());
            grow(batches, options.threads(), some -> {
                try (KvCache cache = cache(beginning, shared, some.size())) {
                    grow(
                            new Batch(decoder, new Sampler(options.sampling()), cache, some),
                            options.prefillTokens(),
                            time);
                }
            });
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
        Batch batch = new Batch(decoder, new Sampler(options.sampling()), cache, rows);
        Companion.with(options.threads(), () -> grow(batch, options.prefillTokens(), time));
        return time.report(rows.stream().map(GrowingRow::result).toList(), known);
    }

    List<Intervention> interventions() {
        return interventions;
    }

    Decoder decoder() {
        return decoder;
    }

    /** Rows that have read what all prompts begin with. */
    private KvCache cache(KvCache beginning, int shared, int rows) {
        if (shared == 0) {
            return decoder.newCache(rows);
        }
        synchronized (beginning) { // a cache serves one thread at a time
            return beginning.branch(0, shared, rows);
        }
    }

    /** Batches on threads of their own; a thread that has none helps another. */
    private static void grow(Batches batches, int threads, Consumer<List<GrowingRow>> growth) {
        int busy = Math.min(batches.atOnce(), Math.max(1, batches.list().size()));
        try (Workers workers = Workers.of(busy);
                Scope scope = Scope.open()) {
            workers.map(batches.list().size(), i -> {
                Companion.with(
                        threads / busy, () -> growth.accept(batches.list().get(i)));
                return List.of();
            });
        }
    }

    /** @param budget most tokens of a prompt in a pass */
    private static void grow(Batch batch, int budget, Stopwatch time) {
        batch.begin(budget);
        time.began();
        while (batch.size() > 0) {
            int grown = batch.size();
            batch.step();
            time.decoded(grown);
        }
        time.ended();
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
}
