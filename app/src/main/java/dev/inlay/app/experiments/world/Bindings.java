package dev.inlay.app.experiments.world;

import dev.inlay.InlayException;
import org.jspecify.annotations.Nullable;

/** What the variables of a derivation stand for: an immutable list, the newest first. */
final class Bindings {
    static final Bindings NONE = new Bindings("", null, null);

    private final String variable;
    private final @Nullable Entry entry;
    private final @Nullable Bindings older;

    private Bindings(String variable, @Nullable Entry entry, @Nullable Bindings older) {
        this.variable = variable;
        this.entry = entry;
        this.older = older;
    }

    Bindings with(String name, Entry value) {
        return new Bindings(name, value, this);
    }

    @Nullable
    Entry find(String name) {
        for (Bindings each = this; each != null; each = each.older) {
            if (each.variable.equals(name)) {
                return each.entry;
            }
        }
        return null;
    }

    Entry get(String name) {
        Entry found = find(name);
        if (found == null) {
            throw InlayException.data("the grammar uses the variable \"%s\" before it is drawn", name);
        }
        return found;
    }
}
