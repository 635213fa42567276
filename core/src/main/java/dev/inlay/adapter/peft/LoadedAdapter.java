package dev.inlay.adapter.peft;

import dev.inlay.adapter.Adapter;
import java.util.List;
import java.util.Optional;

/**
 * An adapter as it was read.
 *
 * @param adapter factors in float32, owned by the scope in which it was read
 * @param config what its {@code adapter_config.json} says
 * @param provenance what its weights say about their origin; empty if another library wrote them
 * @param notes what a user should know, one line each
 */
public record LoadedAdapter(Adapter adapter, PeftConfig config, Optional<Provenance> provenance, List<String> notes) {
    public LoadedAdapter {
        notes = List.copyOf(notes);
    }
}
