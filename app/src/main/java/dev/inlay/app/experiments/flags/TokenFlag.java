package dev.inlay.app.experiments.flags;

import dev.inlay.app.experiments.flags.FlagRows.FlagRow;
import dev.inlay.model.Segments;
import dev.inlay.training.data.Encoder;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Row;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The flag at the end of a row of tokens: the tokens of its line by itself, then at most one more that is learned, which ends
 * the turn.
 */
final class TokenFlag {
    private TokenFlag() {}

    /** The row up to its flag, or nothing if its last learned run does not end in one. */
    static Optional<FlagRow> of(String name, Row.TokenRow row, Encoder encoder, Given given) {
        Example example = encoder.example(name, row);
        if (row.learned().isEmpty()) {
            return Optional.empty();
        }
        Row.TokenRow.Run last = row.learned().get(row.learned().size() - 1);
        int start = last.start();
        int end = last.end();
        for (Verdict verdict : List.of(Verdict.PASS, Verdict.FAIL)) {
            int[] flag = line(encoder, verdict);
            int at = Collections.lastIndexOfSubList(list(example.ids(), 0, end), list(flag, 0, flag.length));
            if (at >= start && at + flag.length >= end - 1) {
                int kept = given == Given.REVIEW ? at : start;
                FlagPrompt prompt = FlagPrompt.of(
                        with(example.ids(), kept, line(encoder, Verdict.PASS), start, example.segments()),
                        with(example.ids(), kept, line(encoder, Verdict.FAIL), start, example.segments()));
                return Optional.of(new FlagRow(row.line(), verdict, prompt));
            }
        }
        return Optional.empty();
    }

    private static int[] line(Encoder encoder, Verdict verdict) {
        return encoder.within("\n" + FlagRows.FLAG + verdict);
    }

    private static List<Integer> list(int[] ids, int from, int to) {
        return Arrays.stream(ids, from, to).boxed().toList();
    }

    /** The first tokens and a flag, learned from a place on. */
    private static Example with(int[] ids, int kept, int[] flag, int learned, @Nullable Segments segments) {
        int[] all = IntStream.concat(Arrays.stream(ids, 0, kept), Arrays.stream(flag))
                .toArray();
        boolean[] target = new boolean[all.length];
        Arrays.fill(target, learned, all.length, true);
        return new Example(all, target, 0, segments);
    }
}
