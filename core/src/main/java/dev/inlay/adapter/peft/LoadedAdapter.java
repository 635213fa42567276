package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.Parts;
import java.util.List;
import java.util.Optional;

/**
 * An adapter as it was read.
 *
 * @param parts all that it consists of, in float32, owned by the scope in which it was read
 * @param config what its {@code adapter_config.json} says
 * @param provenance what its weights say about their origin; empty if another library wrote them
 * @param notes what a user should know, one line each
 */
public record LoadedAdapter(Parts parts, PeftConfig config, Optional<Provenance> provenance, List<String> notes) {
    public LoadedAdapter {
        notes = List.copyOf(notes);
    }

    /**
     * The adapter, for a use that only plain low-rank changes have.
     *
     * @throws InlayException if there is anything else
     */
    public Adapter adapter() {
        return parts.plain()
                .orElseThrow(() -> InlayException.adapter(
                        "the adapter has %s beside plain low-rank changes, which this cannot take along; merge it into its"
                                + " model first (inlay merge), or choose a plain one",
                        String.join(", ", parts.beside())));
    }
}
