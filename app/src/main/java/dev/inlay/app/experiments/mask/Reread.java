package dev.inlay.app.experiments.mask;

import static dev.inlay.InlayException.require;

import dev.inlay.adapter.gate.Trigger;
import dev.inlay.app.experiments.flags.FlagPrompt;
import dev.inlay.app.experiments.flags.FlagRows.FlagRow;
import dev.inlay.model.Reading;
import dev.inlay.training.data.Example;
import java.util.List;

/** Rows in which all that stands before a trigger stands once more behind it: what a mask closes is read again by the adapter. */
record Reread(Trigger trigger) {
    /** The copy is no target. */
    Example of(Example row) {
        int start = start(row.ids());
        int end = start + trigger.length();
        boolean[] target = new boolean[row.length() + start];
        System.arraycopy(row.target(), 0, target, 0, end);
        System.arraycopy(row.target(), end, target, end + start, row.length() - end);
        return new Example(of(row.ids()), target, row.line(), row.segments());
    }

    FlagRow of(FlagRow row) {
        FlagPrompt prompt = row.prompt();
        Reading before = prompt.before();
        int[] ids = of(before.ids());
        Reading longer = new Reading(ids, before.given() + ids.length - before.ids().length, before.stated());
        return new FlagRow(row.line(), row.truth(), new FlagPrompt(longer, prompt.pass(), prompt.fail()));
    }

    private int[] of(int[] ids) {
        int start = start(ids);
        int end = start + trigger.length();
        int[] longer = new int[ids.length + start];
        System.arraycopy(ids, 0, longer, 0, end);
        System.arraycopy(ids, 0, longer, end, start);
        System.arraycopy(ids, end, longer, end + start, ids.length - end);
        return longer;
    }

    private int start(int[] ids) {
        List<Integer> found = trigger.occurrences(ids);
        require(!found.isEmpty(), "a row without the trigger %s has nothing to read again", trigger);
        return found.get(found.size() - 1);
    }
}
