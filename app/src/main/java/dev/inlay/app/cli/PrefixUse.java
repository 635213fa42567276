package dev.inlay.app.cli;

import dev.inlay.training.FreeMemory;
import dev.inlay.training.Prefixes;

/** What a run does with the tokens before its gate opens; see {@link Prefixes}. */
enum PrefixUse {
    KEEP,
    READ,
    WHOLE;

    /** Share of the free memory that kept prefixes may take. */
    private static final int SHARE = 4;

    Prefixes prefixes() {
        return switch (this) {
            case KEEP -> Prefixes.kept(FreeMemory.now().bytes() / SHARE);
            case READ -> Prefixes.fresh();
            case WHOLE -> Prefixes.whole();
        };
    }
}
