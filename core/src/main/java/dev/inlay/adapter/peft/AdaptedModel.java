package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.Part;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.generation.Voice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A model directory loaded together with adapters that were checked against it, or bare. Owns the weights of all: close
 * it.
 */
public final class AdaptedModel implements AutoCloseable {
    private final ModelDirectory directory;
    private final Decoder decoder;
    private final Scope factors;
    private final Map<Path, LoadedAdapter> loaded;
    private final Map<Path, List<Intervention>> interventions = new HashMap<>();

    private AdaptedModel(ModelDirectory directory, Decoder decoder, Scope factors, Map<Path, LoadedAdapter> loaded) {
        this.directory = directory;
        this.decoder = decoder;
        this.factors = factors;
        this.loaded = loaded;
        loaded.forEach(this::take);
    }

    private void take(Path path, LoadedAdapter adapter) {
        interventions.put(path, adapter.parts().on(decoder, factors::own));
    }

    /**
     * Loads one more adapter, checked against the model as the others; not while another thread uses this.
     *
     * @return what a user should know of it, one line each; empty if it is there already
     */
    public List<String> add(Path path, Set<Allowance> allowed) {
        if (loaded.containsKey(path)) {
            return List.of();
        }
        try (Scope scope = Scope.open()) {
            LoadedAdapter adapter = PeftDirectory.read(path, BaseModel.of(directory), allowed);
            take(path, adapter);
            loaded.put(path, adapter);
            return adapter.notes();
        }
    }

    /**
     * What to load.
     *
     * @param adapters their directories; one that is named twice is loaded once
     */
    public record Request(Path model, List<Path> adapters, Set<Allowance> allowed) {
        public Request {
            adapters = adapters.stream().distinct().toList();
            allowed = Set.copyOf(allowed);
        }
    }

    /**
     * Loads all; the adapters are read first, because they are small and fail fast.
     *
     * @param type element type of the model's weights; empty for that of its files
     */
    public static AdaptedModel load(Request request, Optional<DType> type, Device device) {
        ModelDirectory directory = ModelDirectory.open(request.model());
        Map<Path, LoadedAdapter> loaded = new LinkedHashMap<>();
        try (Scope scope = Scope.open()) {
            if (!request.adapters().isEmpty()) {
                BaseModel base = BaseModel.of(directory);
                for (Path path : request.adapters()) {
                    loaded.put(path, PeftDirectory.read(path, base, request.allowed()));
                }
            }
            Decoder decoder = directory.load(type.orElse(directory.storedType()), device);
            return new AdaptedModel(directory, decoder, Scope.detached(), loaded);
        }
    }

    public ModelDirectory directory() {
        return directory;
    }

    public Decoder decoder() {
        return decoder;
    }

    /**
     * An adapter as a pass takes it.
     *
     * @param path as the request named it
     */
    public List<Intervention> interventions(Path path) {
        List<Intervention> found = interventions.get(path);
        if (found == null) {
            throw new IllegalArgumentException(path + " was not asked for");
        }
        return found;
    }

    /**
     * An adapter with another strength, as a pass takes it.
     *
     * @param path as the request named it
     * @throws InlayException if it is more than plain low-rank changes: nothing else is multiplied exactly
     */
    public List<Intervention> interventions(Path path, double weight) {
        List<Intervention> whole = interventions(path);
        if (weight == 1) {
            return whole;
        }
        Objects.requireNonNull(loaded.get(path)).adapter();
        return whole.stream()
                .<Intervention>map(part -> ((Adapter) part).times(weight))
                .toList();
    }

    /**
     * An adapter as a session takes it.
     *
     * @param path as the request named it
     * @throws InlayException if it is more than what a gate can close
     */
    public Voice voice(Path path) {
        interventions(path);
        return Objects.requireNonNull(loaded.get(path)).parts().voice(decoder, factors::own);
    }

    /** Where the parts of an adapter act, in their order. */
    public List<Gate> gates(Path path) {
        interventions(path);
        return Objects.requireNonNull(loaded.get(path)).parts().list().stream()
                .map(Part::gate)
                .toList();
    }

    /** What a user should know of all, one line each. */
    public List<String> notes() {
        List<String> notes = new ArrayList<>(directory.notes());
        loaded.values().forEach(adapter -> notes.addAll(adapter.notes()));
        return notes;
    }

    @Override
    public void close() {
        factors.close();
        decoder.close();
    }
}
