package dev.inlay.adapter.peft;

import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.ModelDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model directory loaded together with an adapter that was checked against it, or bare. Owns the weights of both:
 * close it.
 */
public final class AdaptedModel implements AutoCloseable {
    private final ModelDirectory directory;
    private final Decoder decoder;
    private final Scope factors;
    private final @Nullable LoadedAdapter loaded;
    private final List<Intervention> interventions;

    private AdaptedModel(ModelDirectory directory, Decoder decoder, Scope factors, @Nullable LoadedAdapter loaded) {
        this.directory = directory;
        this.decoder = decoder;
        this.factors = factors;
        this.loaded = loaded;
        this.interventions = loaded == null ? List.of() : loaded.parts().on(decoder, factors::own);
    }

    /** What to load. */
    public record Request(Path model, Optional<Path> adapter, Set<Allowance> allowed) {
        public Request {
            allowed = Set.copyOf(allowed);
        }
    }

    /**
     * Loads both; the adapter is read first, because it is small and fails fast.
     *
     * @param type element type of the model's weights; empty for that of its files
     */
    public static AdaptedModel load(Request request, Optional<DType> type, Device device) {
        ModelDirectory directory = ModelDirectory.open(request.model());
        try (Scope scope = Scope.open()) {
            LoadedAdapter loaded = request.adapter()
                    .map(path -> PeftDirectory.read(path, BaseModel.of(directory), request.allowed()))
                    .orElse(null);
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

    /** Whether there is an adapter. */
    public boolean isAdapted() {
        return loaded != null;
    }

    /** The adapter, or nothing, as a pass takes it. */
    public List<Intervention> interventions() {
        return interventions;
    }

    /** What a user should know of either, one line each. */
    public List<String> notes() {
        List<String> notes = new ArrayList<>(directory.notes());
        if (loaded != null) {
            notes.addAll(loaded.notes());
        }
        return notes;
    }

    @Override
    public void close() {
        factors.close();
        decoder.close();
    }
}
