package dev.inlay.app.experiments.flags;

import dev.inlay.InlayException;
import dev.inlay.model.Reading;
import dev.inlay.training.data.Example;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A row up to its flag, and both ways in which it may go on. Arrays are not copied; nobody writes to them.
 *
 * @param before all before the flag's word, at least one token
 * @param pass [tokens] of PASS, at least one
 * @param fail [tokens] of FAIL, at least one
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of arrays, never compared
public record FlagPrompt(Reading before, int[] pass, int[] fail) {
    public FlagPrompt {
        if (before.ids().length == 0 || pass.length == 0 || fail.length == 0) {
            throw InlayException.data(
                    "a flag needs a token before it and a token for each verdict, found %d, %d and %d; the tokenizer may"
                            + " join the verdict with what stands around it",
                    before.ids().length, pass.length, fail.length);
        }
    }

    /**
     * Of one row encoded with either verdict. What both begin with comes before the flag; what both end with, such as the
     * end of the turn, tells nothing of the flag and is left out. Gates see what they would see of the whole row.
     */
    public static FlagPrompt of(Example passed, Example failed) {
        int[] pass = passed.ids();
        int[] fail = failed.ids();
        int start = Math.max(0, Arrays.mismatch(pass, fail));
        int most = Math.min(pass.length, fail.length) - start;
        int same = 0;
        while (same < most && pass[pass.length - 1 - same] == fail[fail.length - 1 - same]) {
            same++;
        }
        int given = Math.min(passed.given(), start);
        return new FlagPrompt(
                new Reading(Arrays.copyOf(pass, start), given, passed.segments()),
                Arrays.copyOfRange(pass, start, pass.length - same),
                Arrays.copyOfRange(fail, start, fail.length - same));
    }

    /** Tokens of the longest row that is run to score it. */
    public int length() {
        return before.ids().length + Math.max(pass.length, fail.length) - 1;
    }

    /** What is run to score a verdict: its last token is only looked up, never seen. */
    Reading with(int[] verdict) {
        int[] ids = IntStream.concat(
                        Arrays.stream(before.ids()), Arrays.stream(verdict).limit(verdict.length - 1L))
                .toArray();
        return new Reading(ids, before.given(), before.stated());
    }
}
