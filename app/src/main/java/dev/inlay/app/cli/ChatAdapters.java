package dev.inlay.app.cli;

import dev.inlay.adapter.peft.AdaptedModel;
import dev.inlay.adapter.peft.Allowance;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Adapters that enter and leave a conversation. */
final class ChatAdapters {
    private final Branches branches;
    private final AdaptedModel loaded;
    private final Set<Allowance> allowed;
    private final Console console;

    ChatAdapters(Branches branches, AdaptedModel loaded, Set<Allowance> allowed, Console console) {
        this.branches = branches;
        this.loaded = loaded;
        this.allowed = allowed;
        this.console = console;
    }

    /** Lets one adapter answer, in place of those that did. */
    void use(Path given) {
        Path place = AdapterPlace.of(given);
        loaded.add(place, allowed).forEach(console::warn);
        branches.chat().intervene(loaded.interventions(place));
        console.note(place + " answers from now on");
    }

    /** Lets the bare model answer. */
    void leave() {
        branches.chat().intervene(List.of());
        console.note("the bare model answers from now on");
    }
}
