package dev.inlay.app.experiments.layers;

import dev.inlay.adapter.Part;
import dev.inlay.adapter.peft.AdaptedModel;
import dev.inlay.model.Intervention;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a run is about.
 *
 * @param model with its weights
 * @param adapter what acts on it in a pass; empty for the bare model
 * @param parts the same as changes of weights, of the innermost scope
 * @param repeat how often the stack of layers is run
 * @param names of model, adapters and files, for the record
 */
public record Subject(
        AdaptedModel model,
        List<Intervention> adapter,
        List<Part> parts,
        Text text,
        int repeat,
        long seed,
        Map<String, Object> names) {
    /** Steps of the work, for a bar. */
    public int steps() {
        return Study.passes(!adapter.isEmpty()) + model.decoder().config().layers();
    }

    /** All that decides the result. */
    Map<String, Object> settings() {
        Map<String, Object> settings = new TreeMap<>(names);
        settings.put("text", text.name());
        settings.put("tokens", text.ids().length);
        settings.put("tokens_of_whole_text", text.whole());
        settings.put("repeat", repeat);
        settings.put("dtype", model.decoder().dtype().name().toLowerCase(Locale.ROOT));
        settings.put("device", model.decoder().device().toString());
        return settings;
    }
}
