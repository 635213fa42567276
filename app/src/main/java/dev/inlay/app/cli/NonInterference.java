package dev.inlay.app.cli;

import dev.inlay.InlayException;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;
import dev.inlay.model.Reading;
import dev.inlay.model.generation.Certificate;
import dev.inlay.training.data.Example;
import java.util.List;
import java.util.Locale;

/**
 * Proof on rows of a run's own data that an adapter leaves alone what comes before its gate.
 *
 * @param rows that were looked at
 * @param tokens of theirs before the gate opens
 */
record NonInterference(int rows, long tokens) {
    private static final int LOOKED_AT = 8;

    /**
     * Compares the first rows in which something comes before the gate, with the adapter and without.
     *
     * @throws InlayException if a bit differs
     */
    static NonInterference of(
            Decoder decoder, List<Example> examples, Gate gate, List<? extends Intervention> adapter) {
        int rows = 0;
        long tokens = 0;
        for (Example example : examples) {
            if (rows == LOOKED_AT) {
                break;
            }
            Reading row = example.reading();
            int begins = Math.min(row.ids().length, gate.over(row).firstOpen());
            if (begins > 0) {
                Certificate base = Certificate.of(decoder, row, begins, List.of());
                Certificate adapted = Certificate.of(decoder, row, begins, adapter);
                if (!adapted.equals(base)) {
                    throw InlayException.adapter(
                            "line %d: keys, values or logits of the %d tokens before the gate are not the base's (%s, expected"
                                    + " %s); do not use this adapter",
                            example.line(), begins, adapted.keysAndValues(), base.keysAndValues());
                }
                rows++;
                tokens += begins;
            }
        }
        return new NonInterference(rows, tokens);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "none: keys, values and logits of %,d tokens before the gate (%d rows) are the base's bit by bit",
                tokens,
                rows);
    }
}
