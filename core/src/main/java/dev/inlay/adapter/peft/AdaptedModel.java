package dev.inlay.adapter.peft;

import dev.inlay.adapter.Adapter;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.model.Decoder;
import dev.inlay.model.ModelDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private final Map<Path, Adapter> adapters;
    private final List<String> notes;

    private AdaptedModel(
            ModelDirectory directory, Decoder decoder, Scope factors, Map<Path, Adapter> adapters, List<String> notes) {
        this.directory = directory;
        this.decoder = decoder;
        this.factors = factors;
        this.adapters = adapters;
        this.notes = List.copyOf(notes);
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
        List<String> notes = new ArrayList<>(directory.notes());
        Map<Path, Adapter> adapters = new LinkedHashMap<>();
        try (Scope scope = Scope.open()) {
            if (!request.adapters().isEmpty()) {
                BaseModel base = BaseModel.of(directory);
                for (Path path : request.adapters()) {
                    LoadedAdapter loaded = PeftDirectory.read(path, base, request.allowed());
                    notes.addAll(loaded.notes());
                    adapters.put(path, loaded.adapter());
                }
            }
            Decoder decoder = directory.load(type.orElse(directory.storedType()), device);
            Scope factors = Scope.detached();
            adapters.replaceAll((path, adapter) -> adapter.mapFactors(factor -> factors.own(factor.to(device))));
            return new AdaptedModel(directory, decoder, factors, adapters, notes);
        }
    }

    public ModelDirectory directory() {
        return directory;
    }

    public Decoder decoder() {
        return decoder;
    }

    /**
     * An adapter on the model's device.
     *
     * @param path as the request named it
     */
    public Adapter adapter(Path path) {
        Adapter adapter = adapters.get(path);
        if (adapter == null) {
            throw new IllegalArgumentException(path + " was not asked for");
        }
        return adapter;
    }

    /** What a user should know of all, one line each. */
    public List<String> notes() {
        return notes;
    }

    @Override
    public void close() {
        factors.close();
        decoder.close();
    }
}
