package dev.inlay.adapter.gate;

import java.util.List;

/** Which of several occurrences of a trigger opens a gate. */
public enum Occurrence {
    FIRST {
        @Override
        List<Integer> of(List<Integer> all) {
            return all.subList(0, 1);
        }
    },
    /** The last: PEFT. */
    LAST {
        @Override
        List<Integer> of(List<Integer> all) {
            return all.subList(all.size() - 1, all.size());
        }
    },
    /** Each opens a segment of its own, which something must close. */
    EVERY {
        @Override
        List<Integer> of(List<Integer> all) {
            return all;
        }
    };

    /** @param all at least one, ascending */
    abstract List<Integer> of(List<Integer> all);
}
