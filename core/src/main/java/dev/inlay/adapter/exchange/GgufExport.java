package dev.inlay.adapter.exchange;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.Parts;
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
                if (!read.gate().equals(Gate.OPEN) != !adapter.gate().equals(Gate.OPEN)) {
                    throw InlayException.adapter(
                            "%s: the gate read again is (%s), it was (%s)", target, read.gate(), adapter.gate());
                }
                Proof proof = Proof.of(model, Optional.of(Proof.Meant.of(adapter)), Parts.of(read), target)
                        .requireNear(target);
                done.add(new Converted(target, read.factors().size(), proof.effect(), proof.deviation(), List.of()));
            }
        });
        return done.get(0);
    }
}
