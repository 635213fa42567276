package dev.inlay.app.experiments.flags;

import java.util.Locale;

/** What of the turn that ends in a flag stands before it when the flag is asked for. */
public enum Given {
    /** All that the row has, the review included. A review tells its verdict: this measures whether the flag follows it. */
    REVIEW {
        @Override
        String before(String turn) {
            return turn;
        }
    },
    /** Nothing: the model must know the verdict from what came before its turn. */
    ALONE {
        @Override
        String before(String turn) {
            return "";
        }
    };

    abstract String before(String turn);

    /** As on the command line: {@code alone}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
