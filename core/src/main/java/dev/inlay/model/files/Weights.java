package dev.inlay.model.files;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The weights of a model directory, open for reading: one lookup from a tensor's name to where it lies.
 *
 * <p>Either {@value #SINGLE}, or shards with {@value #INDEX} =
 * {@code {"metadata": {"total_size": bytes}, "weight_map": {tensor: file}}}. Every listed file lies in the directory
 * itself, also after following links; every listed tensor is in its file; no tensor is in two files. Tensors that are
 * present and not listed can be read like the others and are reported in {@link #notes}.
 */
public final class Weights implements AutoCloseable {
    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    private final Path directory;
    private final Map<String, SafetensorsFile> files = new TreeMap<>();
    private final Map<String, SafetensorsFile> fileOfTensor = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();

    private Weights(Path directory) {
        this.directory = directory;
    }

    /**
     * Opens the weight files and checks all of them but the values.
     *
     * @throws InlayException naming the file, the place and the reason; pickles are refused with the way to convert them
     */
    public static Weights open(Path directory) {
        Weights weights = new Weights(directory);
        boolean good = false;
        try {
            weights.openAll();
            good = true;
            return weights;
        } finally {
            if (!good) {
                weights.close();
            }
        }
    }

    public Path directory() {
        return directory;
    }

    /** Names of all tensors, in the order of their UTF-8 bytes. */
    public SortedSet<String> names() {
        SortedSet<String> names = new TreeSet<>(SafetensorsWriter.BY_BYTES);
        names.addAll(fileOfTensor.keySet());
        return Collections.unmodifiableSortedSet(names);
    }

    public boolean contains(String name) {
        return fileOfTensor.containsKey(name);
    }

    /** Type and shape of a tensor; an error where there is none of that name. */
    public StoredTensor tensor(String name) {
        return file(name).tensor(name);
    }

    /** The file in which a tensor lies; an error where there is none of that name. */
    public SafetensorsFile file(String name) {
        SafetensorsFile file = fileOfTensor.get(name);
        if (file == null) {
            throw InlayException.data("%s: the weights hold no tensor %s", directory, Quoted.name(name));
        }
        return file;
    }

    /** See {@link SafetensorsFile#load(StoredTensor)}. */
    public Tensor load(String name) {
        return file(name).load(tensor(name));
    }

    /** See {@link SafetensorsFile#load(StoredTensor, DType)}. */
    public Tensor load(String name, DType type) {
        return file(name).load(tensor(name), type);
    }

    /** Bytes of all tensors. */
    public long bytes() {
        return fileOfTensor.keySet().stream()
                .mapToLong(name -> tensor(name).bytes())
                .sum();
    }

    /** What a user should know and may ignore, one line each. */
    public List<String> notes() {
        return Collections.unmodifiableList(notes);
    }

    @Override
    public void close() {
        files.values().forEach(SafetensorsFile::close);
    }

    private void openAll() {
        if (!Files.isDirectory(directory)) {
            throw InlayException.data(
                    "%s: a model directory is expected, found %s",
                    directory, Files.exists(directory) ? "a file" : "nothing");
        }
        boolean sharded = Files.exists(directory.resolve(INDEX));
        if (Files.exists(directory.resolve(SINGLE))) {
            add(SINGLE);
            if (sharded) {
                notes.add(directory + ": " + INDEX + " is ignored beside " + SINGLE);
            }
        } else if (sharded) {
            addShards(Json.readObject(directory.resolve(INDEX)));
        } else {
            throw absent();
        }
    }

    private void addShards(JsonObject index) {
        JsonObject map = index.object("weight_map");
        for (String tensor : map.keys()) {
            String shard = map.text(tensor);
            SafetensorsFile file = files.get(shard);
            if (file == null) {
                checkInside(shard);
                file = add(shard);
            }
            if (!file.tensors().containsKey(tensor)) {
                throw InlayException.data(
                        "%s: lists tensor %s in %s, which does not hold it",
                        index.where(), Quoted.name(tensor), Quoted.name(shard));
            }
        }
        for (String tensor : fileOfTensor.keySet()) {
            if (!map.has(tensor)) {
                notes.add(file(tensor).path() + ": tensor " + Quoted.name(tensor) + " is not listed in " + INDEX);
            }
        }
        noteTotalSize(index);
    }

    private void noteTotalSize(JsonObject index) {
        long total = index.optionalObject("metadata")
                .map(metadata -> metadata.get("total_size").asLong(bytes()))
                .orElse(bytes());
        if (total != bytes()) {
            notes.add("%s: total_size is %d, the tensors have %d bytes".formatted(index.where(), total, bytes()));
        }
    }

    private SafetensorsFile add(String name) {
        SafetensorsFile file = SafetensorsFile.open(directory.resolve(name));
        files.put(name, file);
        for (String tensor : file.tensors().keySet()) {
            SafetensorsFile other = fileOfTensor.putIfAbsent(tensor, file);
            if (other != null) {
                throw InlayException.data(
                        "%s: tensor %s is also in %s",
                        file.path(), Quoted.name(tensor), other.path().getFileName());
            }
        }
        notes.addAll(file.notes());
        return file;
    }

    /** A name in the index is a name in this directory and nothing else. */
    private void checkInside(String shard) {
        Path index = directory.resolve(INDEX);
        if (Pickles.named(shard)) {
            throw InlayException.data(
                    "%s: names the pickle %s, which can hold code and is never read: %s",
                    index, Quoted.name(shard), Pickles.CONVERT);
        }
        if (shard.isEmpty() || shard.equals(".") || shard.equals("..") || !shard.matches("[^/\\\\:\\p{Cntrl}]+")) {
            throw InlayException.data(
                    "%s: shard %s must be the name of a file in the same directory", index, Quoted.name(shard));
        }
        Path file = inDirectory(shard, index);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw InlayException.data("%s: shard %s is missing", index, Quoted.name(shard));
        }
        try {
            if (!directory.toRealPath().equals(file.toRealPath().getParent())) {
                throw InlayException.data(
                        "%s: shard %s is a link that leads out of the directory; copy the file itself (cp -L)",
                        index, Quoted.name(shard));
            }
        } catch (IOException e) {
            throw RegularFile.unreadable(file, e);
        }
    }

    /** Not every text is a file name: half a surrogate pair has no bytes. */
    private Path inDirectory(String shard, Path index) {
        try {
            return directory.resolve(shard);
        } catch (InvalidPathException e) {
            throw InlayException.data("%s: shard %s is no name that a file can have here", index, Quoted.name(shard))
                    .causedBy(e);
        }
    }

    private InlayException absent() {
        try (Stream<Path> entries = Files.list(directory)) {
            List<String> pickles = entries.map(path -> String.valueOf(path.getFileName()))
                    .filter(Pickles::named)
                    .sorted()
                    .toList();
            return pickles.isEmpty()
                    ? InlayException.data("%s: holds neither %s nor %s", directory, SINGLE, INDEX)
                    : InlayException.data(
                            "%s: the weights %s are a Python pickle, which can hold code and is never read: %s",
                            directory, Quoted.name(pickles.get(0)), Pickles.CONVERT);
        } catch (IOException e) {
            return RegularFile.unreadable(directory, e);
        }
    }
}
