package dev.inlay.training;

import dev.inlay.InlayException;
import dev.inlay.model.Gate;
import dev.inlay.model.Reading;
import dev.inlay.model.Segments;
import dev.inlay.training.data.Example;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Where a gate opens in the rows of a data set, before anything is trained on them: a gate that never opens trains
 * nothing, and one that opens elsewhere than in use trains something else.
 *
 * @param rows number of rows
 * @param missing lines of rows that the gate refuses
 * @param closed rows in which it never opens
 * @param starts [open rows] first open position of each row that has one, ascending
 * @param tokens that a forward pass sees, of all rows
 * @param beginnings how many of them come before the first that the gate opens
 * @param early targets that a closed token predicts: they bear on no gradient and dilute the loss
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of an array, never compared
public record GateReport(
        int rows, List<Integer> missing, int closed, int[] starts, long tokens, long beginnings, long early) {
    private static final int SHOWN = 5;

    public GateReport {
        missing = List.copyOf(missing);
    }

    public static GateReport of(Gate gate, List<Example> examples) {
        List<Integer> missing = new ArrayList<>();
        List<Integer> starts = new ArrayList<>();
        int closed = 0;
        long tokens = 0;
        long beginnings = 0;
        long early = 0;
        for (Example example : examples) {
            Reading reading = example.reading();
            Segments segments;
            try {
                segments = gate.over(reading);
            } catch (InlayException e) {
                missing.add(example.line());
                continue;
            }
            int length = reading.ids().length;
            int first = Math.min(length, segments.firstOpen());
            tokens += length;
            beginnings += first;
            if (first == length) {
                closed++;
            } else {
                starts.add(first);
            }
            for (int i = 0; i < length; i++) {
                early += example.target()[i + 1] && segments.at(i) == 0 ? 1 : 0;
            }
        }
        int[] sorted = starts.stream().mapToInt(Integer::intValue).sorted().toArray();
        return new GateReport(examples.size(), missing, closed, sorted, tokens, beginnings, early);
    }

    /**
     * Refuses data in which the gate cannot be decided for every row.
     *
     * @param name of the data
     */
    public GateReport requireDecided(String name, Gate gate) {
        if (!missing.isEmpty()) {
            throw InlayException.data(
                    "%s: the gate (%s) finds nothing to open it in %,d of %,d rows (line %s%s); put the trigger into every"
                            + " row, look at them with inlay check-mask, or say what such rows are for (--on-missing base)",
                    name,
                    gate,
                    missing.size(),
                    rows,
                    String.join(
                            ", ",
                            missing.stream().limit(SHOWN).map(String::valueOf).toList()),
                    missing.size() > SHOWN ? ", ..." : "");
        }
        return this;
    }

    /** As {@link #requireDecided}, and it opens in one row at least. */
    public GateReport requireOpen(String name, Gate gate) {
        requireDecided(name, gate);
        if (starts.length == 0) {
            throw InlayException.data(
                    "%s: the gate (%s) is closed in all %,d rows: nothing would be learned", name, gate, rows);
        }
        return this;
    }

    /** What a user should know, one line each. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "opens in %,d of %,d rows, at token %,d to %,d (median %,d)",
                starts.length,
                rows,
                starts[0],
                starts[starts.length - 1],
                starts[starts.length / 2]));
        lines.add(String.format(
                Locale.ROOT,
                "%,d of %,d tokens (%.1f %%) come before: computed once, without gradients",
                beginnings,
                tokens,
                100.0 * beginnings / Math.max(1, tokens)));
        return lines;
    }

    /** What is likely a mistake, one line each. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (early > 0) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "%,d targets are predicted by tokens before the gate opens: they teach nothing and dilute the loss;"
                            + " --loss last learns the last response alone",
                    early));
        }
        if (closed > 0) {
            warnings.add(String.format(Locale.ROOT, "%,d rows never open the gate: they teach nothing", closed));
        }
        return warnings;
    }

    /** Share of the tokens that come before the gate opens. */
    public double share() {
        return tokens == 0 ? 0 : (double) beginnings / tokens;
    }

    /** [rows] sorted copy, for statistics. */
    @Override
    public int[] starts() {
        return Arrays.copyOf(starts, starts.length);
    }
}
