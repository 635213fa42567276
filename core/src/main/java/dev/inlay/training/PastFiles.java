package dev.inlay.training;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Past;
import dev.inlay.model.files.AtomicFile;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.files.SafetensorsWriter;
import dev.inlay.model.files.StoredTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Keys and values of beginnings in a directory, for other runs: adapters, ranks and arms over the same rows of the same
 * model. Beginnings that it lacks are read by the decoder and written.
 *
 * <p>{@code prefixes.json} says of which model and in which element type they were computed; a directory is of one model
 * and one type. Each beginning is a file {@code <hash of its tokens>.safetensors} with {@code ids} [tokens] and {@code past}
 * [layers, 2, tokens, kv_heads, head_dim], keys before values. Runs that share a directory at the same time may compute a
 * beginning twice; files appear whole.
 */
public final class PastFiles implements PastSource {
    private static final String ABOUT = "prefixes.json";

    private final Path directory;
    private final DType stored;
    private final Map<String, Object> about;

    /**
     * Opens or begins a directory.
     *
     * @param base tells the model from others
     * @param computed the element type of the decoder
     * @param stored the element type in the files: that of the decoder, or a shorter one, to which values are rounded
     * @throws InlayException if the directory holds those of another model or type
     */
    public PastFiles(Path directory, String base, DType computed, DType stored) {
        this.directory = directory;
        this.stored = stored;
        this.about = new TreeMap<>(Map.of("base", base, "computed", computed.name(), "stored", stored.name()));
        Path file = directory.resolve(ABOUT);
        if (Files.exists(file)) {
            requireSame(file);
        } else {
            create();
            AtomicFile.write(file, Json.line(about) + "\n");
        }
    }

    private void create() {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw InlayException.data("%s: cannot be made a directory: %s", directory, e)
                    .causedBy(e);
        }
    }

    private void requireSame(Path file) {
        JsonObject found = Json.readObject(file);
        about.forEach((key, expected) -> {
            if (!found.text(key).equals(expected)) {
                throw InlayException.usage(
                        "%s holds beginnings of another model or type (%s %s, here %s); choose another directory",
                        directory, key, found.text(key), expected);
            }
        });
    }

    @Override
    public Map<Prefixes.Beginning, Past> of(Decoder decoder, List<int[]> distinct) {
        Map<Prefixes.Beginning, Past> pasts = new HashMap<>();
        List<int[]> missing = new ArrayList<>();
        for (int[] ids : distinct) {
            Path file = file(ids);
            if (Files.exists(file)) {
                pasts.put(new Prefixes.Beginning(ids), load(file, ids, decoder));
            } else {
                missing.add(ids);
            }
        }
        DECODER.of(decoder, missing).forEach((beginning, past) -> {
            write(file(beginning.ids()), beginning.ids(), past);
            pasts.put(beginning, stored == decoder.dtype() ? past : reloaded(beginning.ids(), past, decoder));
        });
        return pasts;
    }

    /** What later passes will get is what this one gets. */
    private Past reloaded(int[] ids, Past past, Decoder decoder) {
        past.close();
        return load(file(ids), ids, decoder);
    }

    private void write(Path file, int[] ids, Past past) {
        Past.Layer first = past.layers().get(0);
        long[] shape = first.keys().shape();
        long[] all = {past.layers().size(), 2, shape[0], shape[1], shape[2]};
        SafetensorsWriter.write(
                file,
                List.of(
                        NewTensor.computed("ids", DType.INT64, new long[] {ids.length}, () -> Tensor.of(ids)),
                        NewTensor.computed(
                                "past",
                                stored,
                                all,
                                () -> stacked(past).reshape(all).to(stored))),
                Map.of());
    }

    private static Tensor stacked(Past past) {
        List<Tensor> parts = new ArrayList<>();
        for (Past.Layer layer : past.layers()) {
            parts.add(layer.keys());
            parts.add(layer.values());
        }
        return Tensor.concat(0, parts);
    }

    private static Past load(Path path, int[] ids, Decoder decoder) {
        Scope owner = Scope.detached();
        try (Scope scope = Scope.open();
                SafetensorsFile file = SafetensorsFile.open(path)) {
            StoredTensor tensor = file.tensor("past");
            long[] found = file.load(file.tensor("ids")).toLongs();
            long[] shape = {
                decoder.config().layers(),
                2,
                ids.length,
                decoder.config().attention().keyValueHeads(),
                decoder.config().attention().headDim()
            };
            if (!Arrays.equals(found, Arrays.stream(ids).asLongStream().toArray())
                    || !Arrays.equals(tensor.shape(), shape)) {
                throw InlayException.data(
                        "%s: expected a past of shape %s of the tokens that its name says, found %s of %d tokens; delete it",
                        path, Arrays.toString(shape), Arrays.toString(tensor.shape()), found.length);
            }
            Tensor all = owner.own(file.load(tensor, decoder.dtype()).to(decoder.device()));
            List<Past.Layer> layers = new ArrayList<>();
            for (int layer = 0; layer < shape[0]; layer++) {
                layers.add(new Past.Layer(part(all, layer, 0, owner), part(all, layer, 1, owner)));
            }
            return new Past(layers, ids.length, owner);
        } catch (RuntimeException e) {
            owner.close();
            throw e;
        }
    }

    /** Keys or values of one layer, a view. */
    private static Tensor part(Tensor all, int layer, int which, Scope owner) {
        Tensor view = all.narrow(0, layer, 1).narrow(1, which, 1).reshape(all.size(2), all.size(3), all.size(4));
        return owner.own(view);
    }

    private Path file(int[] ids) {
        ByteBuffer bytes = ByteBuffer.allocate(ids.length * Integer.BYTES);
        bytes.asIntBuffer().put(ids);
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes.array());
            return directory.resolve(HexFormat.of().formatHex(hash) + ".safetensors");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
