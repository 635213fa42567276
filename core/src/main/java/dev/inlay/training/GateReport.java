package dev.inlay.training;

import dev.inlay.InlayException;
import dev.inlay.model.DecoderConfig;
import dev.inlay.model.Gate;
import dev.inlay.model.Reading;
import dev.inlay.model.Segments;
import dev.inlay.training.data.Example;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where a gate opens in the rows of a data set, before anything is trained on them: a gate that never opens trains
 * nothing, and one that opens elsewhere than in use trains something else.
 *
 * @param missing lines of rows that the gate refuses
 * @param cuts of all other rows, in their order
 * @param early targets that a closed token predicts: they bear on no gradient and dilute the loss
 */
public record GateReport(List<Integer> missing, List<Cut> cuts, long early) {
    private static final int SHOWN = 5;

    /**
     * One row.
     *
     * @param begins tokens before the first that the gate opens
     * @param tokens that a forward pass sees
     */
    public record Cut(int begins, int tokens) {
        boolean isOpen() {
            return begins < tokens;
        }
    }

    public GateReport {
        missing = List.copyOf(missing);
        cuts = List.copyOf(cuts);
    }

    public static GateReport of(Gate gate, List<Example> examples) {
        List<Integer> missing = new ArrayList<>();
        List<Cut> cuts = new ArrayList<>();
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
            cuts.add(new Cut(Math.min(length, segments.firstOpen()), length));
            for (int i = 0; i < length; i++) {
                early += example.target()[i + 1] && segments.at(i) == 0 ? 1 : 0;
            }
        }
        return new GateReport(missing, cuts, early);
    }

    /** Number of rows. */
    public int rows() {
        return missing.size() + cuts.size();
    }

    /** Rows in which the gate never opens. */
    public int closed() {
        return (int) cuts.stream().filter(cut -> !cut.isOpen()).count();
    }

    /** First open position of each row that has one, ascending. */
    public int[] starts() {
        return cuts.stream().filter(Cut::isOpen).mapToInt(Cut::begins).sorted().toArray();
    }

    /** Tokens that a forward pass sees, of all rows. */
    public long tokens() {
        return cuts.stream().mapToLong(Cut::tokens).sum();
    }

    /** How many of them come before the first that the gate opens. */
    public long beginnings() {
        return cuts.stream().mapToLong(Cut::begins).sum();
    }

    /** The work of training on these rows. */
    public SplitCost.Total cost(SplitCost model) {
        return cuts.stream()
                .filter(Cut::isOpen)
                .map(cut -> model.row(cut.begins, cut.tokens - cut.begins))
                .reduce(SplitCost.Total.NOTHING, SplitCost.Total::plus);
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
                    rows(),
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
        if (starts().length == 0) {
            throw InlayException.data(
                    "%s: the gate (%s) is closed in all %,d rows: nothing would be learned", name, gate, rows());
        }
        return this;
    }

    /** What a user should know, one line each. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        int[] starts = starts();
        lines.add(String.format(
                Locale.ROOT,
                "opens in %,d of %,d rows, at token %,d to %,d (median %,d)",
                starts.length,
                rows(),
                starts[0],
                starts[starts.length - 1],
                starts[starts.length / 2]));
        lines.add(String.format(
                Locale.ROOT,
                "%,d of %,d tokens (%.1f %%) come before: computed once, without gradients",
                beginnings(),
                tokens(),
                100 * share()));
        return lines;
    }

    /** Rows that are computed whole because their beginnings, read by themselves, would have other keys. */
    public int unsplit(DecoderConfig model) {
        return (int) cuts.stream()
                .filter(cut -> cut.begins > 0 && cut.isOpen() && !model.canSplit(cut.begins, cut.tokens))
                .count();
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
        if (closed() > 0) {
            warnings.add(String.format(Locale.ROOT, "%,d rows never open the gate: they teach nothing", closed()));
        }
        return warnings;
    }

    /** Share of the tokens that come before the gate opens. */
    public double share() {
        return (double) beginnings() / Math.max(1, tokens());
    }
}
