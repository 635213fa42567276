package dev.inlay.model.generation;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import dev.inlay.engine.Companion;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
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
     * Continues every prompt.
     *
     * @param prompts token ids, each prompt at least one and at most the context's length; rows are numbered by their
     *     place in this list
     */
    public GenerationReport generate(List<int[]> prompts, GenerationOptions options, GenerationListener listener) {
        require(
                tokenizer != null || options.stops().strings().isEmpty(),
                "stop strings need a tokenizer; give the generator one, or stop at token ids");
        List<GrowingRow> rows = rows(prompts, options, listener);
        Stopwatch time = new Stopwatch();
        Companion.with(options.threads(), () -> grow(rows, options, time));
        return time.report(rows.stream().map(GrowingRow::result).toList());
    }

    private void grow(List<GrowingRow> rows, GenerationOptions options, Stopwatch time) {
        Sampler sampler = new Sampler(options.sampling());
        for (int start = 0; start < rows.size(); start += options.rowsAtOnce()) {
            int end = Math.min(rows.size(), start + options.rowsAtOnce());
            try (Batch batch = new Batch(decoder, interventions, sampler, rows.subList(start, end))) {
                batch.begin(options.prefillTokens());
                time.began();
                while (batch.size() > 0) {
                    int grown = batch.size();
                    batch.step();
                    time.decoded(grown);
                }
            }
        }
    }

    /** Checks every prompt before work begins. */
    private List<GrowingRow> rows(List<int[]> prompts, GenerationOptions options, GenerationListener listener) {
        int context = decoder.config().contextLength();
        List<GrowingRow> rows = new ArrayList<>();
        for (int[] prompt : prompts) {
            int number = rows.size();
            if (prompt.length == 0) {
                throw InlayException.data("prompt %d has no token; a model continues at least one", number);
            }
            if (prompt.length > context) {
                throw InlayException.data(
                        "prompt %d has %d tokens, the model's context holds %d; shorten it",
                        number, prompt.length, context);
            }
            rows.add(new GrowingRow(number, prompt.clone(), context, options, tokenizer, listener));
        }
        return rows;
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

        GenerationReport report(List<Generated> rows) {
            return new GenerationReport(rows, secondsToFirst, decodeNanos * 1e-9, decoded);
        }
    }
}
