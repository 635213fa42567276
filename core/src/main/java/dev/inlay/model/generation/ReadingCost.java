package dev.inlay.model.generation;

import dev.inlay.model.Decoder;
import dev.inlay.model.LinearSite;
import dev.inlay.model.Site;

/** A model of what it costs to read the first tokens of a row, counted in floating-point operations. */
final class ReadingCost {
    private ReadingCost() {}

    /** 2 N + 4 d L keys for each token, its own among its keys: 2 N n + 2 d L n (n + 1) for n. */
    static double of(Decoder decoder, int tokens) {
        double weights = 0;
        for (LinearSite site : decoder.sites()) {
            if (!site.site().equals(Site.HEAD) && !site.site().equals(Site.EMBEDDING)) {
                weights += (double) site.in() * site.out();
            }
        }
        double attention = 2.0
                * decoder.config().attention().queryWidth()
                * decoder.config().layers();
        return 2 * weights * tokens + attention * tokens * (tokens + 1.0);
    }
}
