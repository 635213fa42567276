package dev.inlay.model.generation;

import java.util.List;

/**
 * What came of a request.
 *
 * @param rows one per prompt, in the order of the prompts
 * @param reusedTokens of the prompts: their keys and values were there already
 * @param secondsToFirstToken from the start of the request to its first token
 * @param decodeSeconds in which passes read new tokens, on one thread or several
 * @param decodedTokens tokens that those passes chose, stop ids included: all but the first of each row
 */
public record GenerationReport(
        List<Generated> rows, long reusedTokens, double secondsToFirstToken, double decodeSeconds, long decodedTokens) {
    public GenerationReport {
        rows = List.copyOf(rows);
    }

    public long promptTokens() {
        return rows.stream().mapToLong(Generated::promptTokens).sum();
    }

    /** Tokens in the results. */
    public long newTokens() {
        return rows.stream().mapToLong(row -> row.tokens().size()).sum();
    }

    /** Rate of generation without the reading of prompts, over all rows; 0 if no row had a second token. */
    public double tokensPerSecond() {
        return decodedTokens == 0 ? 0 : decodedTokens / decodeSeconds;
    }
}
