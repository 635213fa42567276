package dev.inlay.app.cli;

import java.util.Locale;

/** What a run does with the tokens before its gate opens; see {@link dev.inlay.training.Prefixes}. */
enum PrefixUse {
    KEEP,
    READ,
    WHOLE;

    /** As on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
