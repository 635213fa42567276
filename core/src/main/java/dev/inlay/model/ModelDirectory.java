package dev.inlay.model;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.FreeMemory;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.model.files.StoredTensor;
import dev.inlay.model.files.Weights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A Hugging Face model directory: {@code config.json} and safetensors weights, single or sharded, checked against each
 * other before any weight is read. Code named in the configuration is never run.
 */
public final class ModelDirectory {
    private final Path path;
    private final DecoderConfig config;
    private final Blueprint blueprint;
    private final DType storedType;
    private final long bytes;
    private final List<String> notes;

    private ModelDirectory(
            Path path, DecoderConfig config, Blueprint blueprint, DType storedType, long bytes, List<String> notes) {
        this.path = path;
        this.config = config;
        this.blueprint = blueprint;
        this.storedType = storedType;
        this.bytes = bytes;
        this.notes = notes;
    }

    /**
     * Reads the configuration and the names and shapes of all tensors.
     *
     * @throws InlayException naming the file, the place and the reason
     */
    public static ModelDirectory open(Path directory) {
        JsonObject json = Json.readObject(directory.resolve("config.json"));
        ConfigReader reader = new ConfigReader(json);
        if (reader.has("quantization_config")) {
            throw InlayException.data(
                    "%s: quantization_config is not supported; use the model in float32, bfloat16 or float16",
                    reader.where());
        }
        Family family = Family.of(reader);
        DecoderConfig config = config(family, reader);
        try (Weights files = Weights.open(directory)) {
            Blueprint blueprint = family.blueprint(config, reader, files.names());
            reader.refuseTheRest();
            new WeightLoader(config, blueprint, files).check();
            DType type = dtype(files, blueprint);
            return new ModelDirectory(directory, config, blueprint, type, files.bytes(), notes(json, files, type));
        }
    }

    /** What the values mean together is checked by types that know no file. */
    static DecoderConfig config(Family family, ConfigReader reader) {
        try {
            return family.config(reader);
        } catch (InlayException e) {
            throw e.at(reader.where());
        }
    }

    private static DType dtype(Weights files, Blueprint blueprint) {
        StoredTensor embedding = files.tensor(blueprint.stored(blueprint.embedding()));
        return embedding
                .type()
                .computed()
                .filter(DType::isFloating)
                .orElseThrow(() -> InlayException.data(
                        "%s: weights of type %s are not supported; use float32, float64, bfloat16 or float16",
                        files.directory(), embedding.type()));
    }

    private static List<String> notes(JsonObject json, Weights files, DType type) {
        List<String> notes = new ArrayList<>(files.notes());
        if (json.has("auto_map")) {
            notes.add(json.where() + ": auto_map names code; it is ignored and never run");
        }
        String declared = json.text("dtype", json.text("torch_dtype", ""));
        if (!declared.isEmpty()
                && !declared.equals("auto")
                && !declared.equals(type.name().toLowerCase(Locale.ROOT))) {
            notes.add(String.format(
                    Locale.ROOT,
                    "%s: declares %s, the weights are %s; the weights decide",
                    json.where(),
                    declared,
                    type.name().toLowerCase(Locale.ROOT)));
        }
        return List.copyOf(notes);
    }

    public Path path() {
        return path;
    }

    public DecoderConfig config() {
        return config;
    }

    /** Every linear map, in the order of computation, the head last. */
    public List<LinearSite> sites() {
        return blueprint.linears();
    }

    /** Name of the tensor that holds a map's weight; a tied head may have none of its own. */
    public String weightName(LinearSite place) {
        return blueprint.stored(place.weight());
    }

    /** Name of the tensor that holds the embedding. */
    public String embeddingName() {
        return blueprint.stored(blueprint.embedding());
    }

    /** The embedding as a linear map; it is not among {@link #sites}. */
    public LinearSite embedding() {
        return blueprint.embeddingSite(config);
    }

    /** Name of the tensor that holds a map's bias. */
    public String biasName(LinearSite place) {
        return blueprint.stored(place.bias());
    }

    /** What the files leave out at the beginning of all names of the family; empty as a rule. */
    public String omittedPrefix() {
        return blueprint.omitted();
    }

    /** Element type of the embedding in the files. */
    public DType storedType() {
        return storedType;
    }

    /** Bytes of all tensors in the files. */
    public long byteCount() {
        return bytes;
    }

    /** What a user should know and need not act on, one line each. */
    public List<String> notes() {
        return notes;
    }

    /**
     * Checks that the weights fit into what memory is free; {@link #load} asks this first.
     *
     * @throws InlayException of kind MEMORY, with both numbers
     */
    public void requireRoom(DType type, Device device) {
        long elements = blueprint.weights(config, !config.tiedHead()).stream()
                .mapToLong(Blueprint.Weight::count)
                .reduce(0, Math::addExact);
        FreeMemory.on(device)
                .require(
                        Math.multiplyExact(elements, type.bytes()),
                        String.format(
                                Locale.ROOT,
                                "%s: the weights in %s",
                                path,
                                type.name().toLowerCase(Locale.ROOT)),
                        () -> "free some, or use a smaller model or "
                                + (type.isHalf() ? "another machine" : "half-precision weights"));
    }

    /**
     * All weights in float32, to train on from: by the same names and in the same order as {@link Architecture#initial}
     * gives them. They belong to the innermost scope.
     */
    public Map<String, Tensor> weights() {
        requireRoom(DType.FLOAT32, Device.CPU);
        try (Weights files = Weights.open(path)) {
            return new WeightLoader(config, blueprint, files).all();
        }
    }

    /** Loads the weights in the element type of the files. */
    public Decoder load(Device device) {
        return load(storedType, device);
    }

    /**
     * Loads the weights, converting their elements to one type.
     *
     * @throws InlayException of kind MEMORY, before anything is read, if they do not fit
     */
    public Decoder load(DType type, Device device) {
        InlayException.require(type.isFloating(), "weights cannot be computed with as %s", type);
        requireRoom(type, device);
        Scope owner = Scope.detached();
        try (Weights files = Weights.open(path)) {
            return new Decoder(
                    config, blueprint, new WeightLoader(config, blueprint, files).read(type, device, owner), owner);
        } catch (RuntimeException e) {
            owner.close();
            throw e;
        }
    }
}
