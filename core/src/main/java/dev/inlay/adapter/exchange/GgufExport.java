package dev.inlay.adapter.exchange;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.gate.TriggerGate;
import dev.inlay.adapter.gguf.GgufAdapter;
import dev.inlay.adapter.gguf.GgufType;
import dev.inlay.engine.Scope;
import dev.inlay.model.Gate;
import dev.inlay.model.ModelDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes GGUF adapters that were read again and proved before they appear. */
public final class GgufExport {
    private GgufExport() {}

    /** @param target must not exist */
    public static Converted write(Path target, Adapter adapter, ModelDirectory model, GgufType type) {
        List<Converted> done = new ArrayList<>();
        GgufAdapter.write(target, adapter, model, type, written -> {
            try (Scope scope = Scope.open()) {
                Adapter read = GgufAdapter.read(written, model);
                requireSameTrigger(adapter.gate(), read.gate(), target);
                Proof proof = Proof.of(model, Optional.of(Proof.Meant.of(adapter)), Parts.of(read), target)
                        .requireNear(target);
                done.add(new Converted(target, read.factors().size(), proof.effect(), proof.deviation(), List.of()));
            }
        });
        return done.get(0);
    }

    /** Of a gate the file holds the trigger, and nothing of what happens where it is missing. */
    private static void requireSameTrigger(Gate meant, Gate read, Path target) {
        if (!ids(meant).equals(ids(read))) {
            throw InlayException.adapter("%s: the gate read again is (%s), it was (%s)", target, read, meant);
        }
    }

    private static List<Integer> ids(Gate gate) {
        return gate instanceof TriggerGate trigger ? trigger.trigger().ids() : List.of();
    }
}
