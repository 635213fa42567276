package dev.inlay.model.generation;

import static dev.inlay.InlayException.require;

/**
 * How a request is generated. None of the last three changes what is generated beyond the rounding of the logits, and the
 * number of threads not even that.
 *
 * @param sampling how tokens are chosen
 * @param stops what ends a row early
 * @param maxNewTokens most tokens for a row; the context may leave fewer
 * @param rowsAtOnce most rows that grow at once, on a processor in two batches; memory for keys and values grows with it
 * @param prefillTokens most prompt tokens in one pass, but at least one per row; memory for activations grows with it,
 *     and with the threads
 * @param threads most threads that compute at once; more than two are not used
 */
public record GenerationOptions(
        Sampling sampling, Stops stops, int maxNewTokens, int rowsAtOnce, int prefillTokens, int threads) {
    public GenerationOptions {
        require(maxNewTokens >= 1, "the number of new tokens must be at least 1, was %d", maxNewTokens);
        require(rowsAtOnce >= 1, "the number of rows at once must be at least 1, was %d", rowsAtOnce);
        require(prefillTokens >= 1, "the number of prompt tokens in a pass must be at least 1, was %d", prefillTokens);
        require(threads >= 1, "the number of threads must be at least 1, was %d", threads);
    }

    /** With 16 rows at once, prompts read in pieces of 512 tokens, and as many threads as there are cores. */
    public static GenerationOptions of(Sampling sampling, Stops stops, int maxNewTokens) {
        return new GenerationOptions(
                sampling, stops, maxNewTokens, 16, 512, Runtime.getRuntime().availableProcessors());
    }

    public GenerationOptions withSampling(Sampling other) {
        return new GenerationOptions(other, stops, maxNewTokens, rowsAtOnce, prefillTokens, threads);
    }

    public GenerationOptions withRowsAtOnce(int rows) {
        return new GenerationOptions(sampling, stops, maxNewTokens, rows, prefillTokens, threads);
    }

    public GenerationOptions withPrefillTokens(int tokens) {
        return new GenerationOptions(sampling, stops, maxNewTokens, rowsAtOnce, tokens, threads);
    }

    public GenerationOptions withThreads(int number) {
        return new GenerationOptions(sampling, stops, maxNewTokens, rowsAtOnce, prefillTokens, number);
    }
}
