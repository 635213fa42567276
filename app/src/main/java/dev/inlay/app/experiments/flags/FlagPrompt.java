package dev.inlay.app.experiments.flags;

import dev.inlay.InlayException;
import java.util.Arrays;

/**
 * A row up to its flag, and both ways in which it may go on. Arrays are not copied; nobody writes to them.
 *
 * @param prompt [tokens] all before the flag's word, at least one token
 * @param pass [tokens] of PASS, at least one
 * @param fail [tokens] of FAIL, at least one
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of arrays, never compared
public record FlagPrompt(int[] prompt, int[] pass, int[] fail) {
    public FlagPrompt {
        if (prompt.length == 0 || pass.length == 0 || fail.length == 0) {
            throw InlayException.data(
                    "a flag needs a token before it and a token for each verdict, found %d, %d and %d; the tokenizer may"
                            + " join the verdict with what stands around it",
                    prompt.length, pass.length, fail.length);
        }
    }

    /**
     * Of one row encoded with either verdict. What both begin with is the prompt; what both end with, such as the end of
     * the turn, tells nothing of the flag and is left out.
     */
    public static FlagPrompt of(int[] passed, int[] failed) {
        int start = Arrays.mismatch(passed, failed);
        int shared = Math.min(passed.length, failed.length) - Math.max(start, 0);
        int same = 0;
        while (same < shared && passed[passed.length - 1 - same] == failed[failed.length - 1 - same]) {
            same++;
        }
        return new FlagPrompt(
                Arrays.copyOf(passed, Math.max(start, 0)),
                Arrays.copyOfRange(passed, Math.max(start, 0), passed.length - same),
                Arrays.copyOfRange(failed, Math.max(start, 0), failed.length - same));
    }

    /** Tokens of the longest row that is run to score it. */
    public int length() {
        return prompt.length + Math.max(pass.length, fail.length) - 1;
    }
}
