package dev.inlay.app.cli;

import dev.inlay.adapter.peft.AdaptedModel;
import dev.inlay.adapter.peft.Allowance;
import dev.inlay.model.text.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Adapters that enter and leave a conversation. */
final class ChatAdapters {
    private final Branches branches;
    private final AdaptedModel loaded;
    private final Tokenizer tokenizer;
    private final Set<Allowance> allowed;
    private final Console console;

    ChatAdapters(Branches branches, AdaptedModel loaded, Tokenizer tokenizer, Set<Allowance> allowed, Console console) {
        this.branches = branches;
        this.loaded = loaded;
        this.tokenizer = tokenizer;
        this.allowed = allowed;
        this.console = console;
    }

    /** Lets one adapter answer, in place of those that did. */
    void use(Path given) {
        Path place = AdapterPlace.of(given);
        loaded.add(place, allowed).forEach(console::warn);
        branches.chat().intervene(AdapterUse.all(List.of(new AdapterUse(place, 1)), loaded, tokenizer));
        console.note(place + " answers from now on");
    }

    /** Lets the bare model answer. */
    void leave() {
        branches.chat().intervene(List.of());
        console.note("the bare model answers from now on");
    }
}
