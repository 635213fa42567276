package dev.inlay.adapter.merge;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.AdapterDigest;
import dev.inlay.adapter.Edit;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Part;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Site;
import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.files.StoredTensor;
import dev.inlay.model.files.Weights;
import dev.inlay.model.files.WeightsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a base and an adapter one model that needs no adapter: {@code W' = W + scale * up down}, transposed where the
 * weight is stored as [in, out], and whatever else its {@link Parts} do to weights and biases. The sum is taken in float64 and rounded once to the element type of the result; tensors
 * are read and written one after the other, in blocks.
 *
 * <p>The new directory has the layout of the base (one file, or shards no larger than its largest), the same tensors
 * (those that do not change keep their bytes), and its configuration, tokenizer and templates byte for byte.
 * {@code config.json} changes only where it must: {@code tie_word_embeddings} of an untied head, {@code dtype} or
 * {@code torch_dtype} of another element type. It appears whole, loaded again and compared ({@link Drift}), or not at all.
 *
 * <table>
 * <caption>Metadata of the weight files, beside the caller's</caption>
 * <tr><td>{@code format}</td><td>{@code pt}</td></tr>
 * <tr><td>{@code inlay.format}</td><td>{@value #FORMAT}, version of this table</td></tr>
 * <tr><td>{@code inlay.base.fingerprint}</td><td>fingerprint of the model that was merged into</td></tr>
 * <tr><td>{@code inlay.merged.adapters}</td><td>digests of all adapters merged so far, {@code sha256:} and 64 hexadecimal
 * digits each, in their order, separated by spaces</td></tr>
 * </table>
 */
public final class Merge {
    private static final String FORMAT = "1";
    private static final String FORMAT_KEY = "inlay.format";
    private static final String FINGERPRINT_KEY = "inlay.base.fingerprint";
    private static final String MERGED_KEY = "inlay.merged.adapters";
    private static final String TIED_KEY = "tie_word_embeddings";

    private final ModelDirectory base;
    private final Parts parts;
    private final MergeOptions options;
    private final boolean untied;

    private Merge(ModelDirectory base, Parts parts, MergeOptions options) {
        this.base = base;
        this.parts = parts;
        this.options = options;
        this.untied = base.config().tiedHead() && !parts.list().stream().allMatch(Part::keepsTie);
    }

    /**
     * Writes the merged model.
     *
     * @param target must not exist, or be empty
     * @throws InlayException if the adapter cannot be expressed as weights, does not fit, holds non-finite values or has
     *     been merged into this model before, or if the result is not finite or drifts too far; nothing is left behind
     */
    public static MergeReport write(ModelDirectory base, Parts parts, MergeOptions options, Path target) {
        return new Merge(base, parts, options).write(target);
    }

    /** As {@link #write(ModelDirectory, Parts, MergeOptions, Path)}, for low-rank changes alone. */
    public static MergeReport write(ModelDirectory base, Adapter adapter, MergeOptions options, Path target) {
        return write(base, Parts.of(adapter), options, target);
    }

    private MergeReport write(Path target) {
        requireMergeable();
        base.requireRoom(Drift.typeFor(base), Device.CPU); // the result is loaded before it appears
        List<Drift> measured = new ArrayList<>();
        try (Weights weights = Weights.open(base.path())) {
            List<NewTensor> tensors = tensors(weights);
            Map<String, String> metadata = metadata(weights);
            AtomicDirectory.write(
                    target,
                    AtomicDirectory.Existing.REFUSE,
                    directory -> fill(directory, weights, tensors, metadata),
                    directory -> measured.add(requireSmall(Drift.measure(base, parts, directory))));
            long bytes = tensors.stream().mapToLong(NewTensor::bytes).sum();
            return new MergeReport(
                    target, changes(weights.names()).size(), tensors.size(), bytes, untied, measured.get(0));
        }
    }

    private void fill(Path directory, Weights weights, List<NewTensor> tensors, Map<String, String> metadata)
            throws IOException {
        new Companions(base.path()).copyTo(directory, configChanges());
        WeightsWriter.write(directory, tensors, metadata, largestShard(weights, tensors));
    }

    // ------------------------------------------------------------------ refusals

    private void requireMergeable() {
        parts.list().forEach(Part::requireMergeable);
        if (untied && options.head() == TiedHead.REFUSE) {
            throw InlayException.adapter(
                    "the adapter changes the head or the embedding, which are one in this model: merged it would change"
                            + " both; merge with an untied head");
        }
        Map<Site, LinearSite> found = new HashMap<>();
        places().forEach(place -> found.put(place.site(), place));
        parts.factors().forEach((site, factors) -> requireFitting(site, factors, found.get(site)));
        parts.sites().forEach(site -> requireThere(site, found.get(site)));
        parts.tensors().forEach((slot, tensor) -> {
            if (!tensor.isFinite()) {
                throw InlayException.adapter(
                        "%s: the adapter's factors hold NaN or infinite values; take an earlier checkpoint",
                        Objects.requireNonNull(found.get(slot.site())).path());
            }
        });
    }

    private void requireThere(Site site, @Nullable LinearSite place) {
        if (place == null) {
            throw InlayException.adapter("the adapter changes %s, which this model does not have", site);
        }
        if (!place.biased()
                && parts.list().stream().anyMatch(part -> part.biasEdit(site).isPresent())) {
            throw InlayException.adapter(
                    "%s: the adapter brings a bias for a map that has none, and the merged model would have no place for"
                            + " it; use it unmerged",
                    place.path());
        }
    }

    /** Every map that can be changed: those of the model, and its embedding. */
    private List<LinearSite> places() {
        List<LinearSite> places = new ArrayList<>(List.of(base.embedding()));
        places.addAll(base.sites());
        return places;
    }

    private static void requireFitting(Site site, LowRank factors, @Nullable LinearSite place) {
        if (place == null) {
            throw InlayException.adapter("the adapter changes %s, which this model does not have", site);
        }
        if (factors.in() != place.in() || factors.out() != place.out()) {
            throw InlayException.adapter(
                    "%s: the adapter is made for a map from %d to %d, this model's is from %d to %d",
                    place.path(), factors.in(), factors.out(), place.in(), place.out());
        }
    }

    private Drift requireSmall(Drift drift) {
        if (!(drift.total().divergence() <= options.largestDivergence())) {
            throw InlayException.adapter(
                    "the merged model is too far from base and adapter: %s; at most %s nats are allowed, merge into"
                            + " FLOAT32 or allow more",
                    drift, options.largestDivergence());
        }
        return drift;
    }

    // ------------------------------------------------------------------ tensors

    /** What becomes of each tensor that changes, by its name; the head of a tie that stays has none of its own. */
    private Map<String, MergedTensor.Change> changes(Set<String> stored) {
        Map<String, MergedTensor.Change> changes = new LinkedHashMap<>();
        for (LinearSite place : places()) {
            Site site = place.site();
            if (parts.list().stream().anyMatch(part -> part.weightEdit(site).isPresent())) {
                changes.put(
                        base.weightName(place),
                        MergedTensor.Change.ofWeight(place, () -> edits(part -> part.weightEdit(site))));
            }
            if (parts.list().stream().anyMatch(part -> part.biasEdit(site).isPresent())) {
                changes.put(
                        base.biasName(place),
                        MergedTensor.Change.ofBias(place, () -> edits(part -> part.biasEdit(site))));
            }
        }
        if (!untied) {
            changes.keySet().retainAll(stored);
        }
        return changes;
    }

    private List<Edit> edits(Function<Part, Optional<Edit>> ofPart) {
        return parts.list().stream().map(ofPart).flatMap(Optional::stream).toList();
    }

    /** All tensors of the result, in the order of the base's files. */
    private List<NewTensor> tensors(Weights weights) {
        Map<String, MergedTensor.Change> changes = changes(weights.names());
        List<NewTensor> tensors = new ArrayList<>();
        for (String name : inFileOrder(weights)) {
            tensors.add(tensor(weights, name, name, changes.remove(name)));
        }
        // What is left has no tensor of its own: the tied head, made of the embedding.
        String head = base.weightName(headPlace());
        if (untied && !weights.contains(head)) {
            tensors.add(tensor(weights, base.embeddingName(), head, changes.get(head)));
        }
        return untied ? fullNames(tensors) : tensors;
    }

    private static List<String> inFileOrder(Weights weights) {
        List<String> names = new ArrayList<>(weights.names());
        names.sort(Comparator.comparing(name -> weights.file(name).path()));
        return names;
    }

    private NewTensor tensor(Weights weights, String source, String name, MergedTensor.@Nullable Change change) {
        SafetensorsFile file = weights.file(source);
        StoredTensor stored = file.tensor(source);
        DType from = stored.type().computed().filter(DType::isFloating).orElse(null);
        if (change != null) {
            if (from == null) {
                throw InlayException.data(
                        "%s: tensor %s is stored as %s and cannot be merged into", file.path(), source, stored.type());
            }
            return MergedTensor.changed(
                    name, file, stored, from, options.precision().of(from), change);
        }
        NewTensor same = from == null || options.precision().of(from) == from
                ? NewTensor.copyOf(file, stored)
                : MergedTensor.converted(
                        name, file, stored, from, options.precision().of(from));
        return same.name().equals(name) ? same : same.named(name);
    }

    /**
     * A checkpoint that leaves out the beginning of all names has none to leave out of the head's; beside a head,
     * transformers expects full names.
     */
    private List<NewTensor> fullNames(List<NewTensor> tensors) {
        String head = base.weightName(headPlace());
        return tensors.stream()
                .map(tensor -> tensor.name().equals(head) ? tensor : tensor.named(base.omittedPrefix() + tensor.name()))
                .toList();
    }

    private LinearSite headPlace() {
        return base.sites().get(base.sites().size() - 1);
    }

    /** One file stays one file; shards stay as large as the largest of them, counted in elements of the new type. */
    private static long largestShard(Weights weights, List<NewTensor> tensors) {
        Map<Path, Long> sizes = new HashMap<>();
        for (String name : weights.names()) {
            sizes.merge(weights.file(name).path(), weights.tensor(name).bytes(), Long::sum);
        }
        if (sizes.size() == 1) {
            return Long.MAX_VALUE;
        }
        long largest = sizes.values().stream().mapToLong(Long::longValue).max().orElseThrow();
        double growth = (double) tensors.stream().mapToLong(NewTensor::bytes).sum() / weights.bytes();
        return (long) Math.ceil(largest * growth);
    }

    // ------------------------------------------------------------------ texts

    private Map<String, Object> configChanges() {
        JsonObject config = Json.readObject(base.path().resolve("config.json"));
        Map<String, Object> changes = new TreeMap<>();
        if (untied) {
            changes.put(TIED_KEY, false);
        }
        if (options.precision() != Precision.AS_BASE) {
            for (String key : List.of("dtype", "torch_dtype")) {
                if (config.has(key)) {
                    changes.put(key, options.precision().name().toLowerCase(Locale.ROOT));
                }
            }
        }
        return changes;
    }

    private Map<String, String> metadata(Weights weights) {
        Set<String> merged = new LinkedHashSet<>();
        for (String name : weights.names()) {
            String before = weights.file(name).metadata().getOrDefault(MERGED_KEY, "");
            merged.addAll(before.isBlank() ? List.of() : List.of(before.split(" ")));
        }
        String digest = AdapterDigest.of(parts);
        if (!parts.sites().isEmpty() && !merged.add(digest)) {
            throw InlayException.adapter(
                    "%s: this adapter (%s) has been merged into this model already; merge into the base it was"
                            + " trained on",
                    base.path(), digest);
        }
        Map<String, String> metadata = new TreeMap<>(options.metadata());
        metadata.put(FORMAT_KEY, FORMAT);
        metadata.put(FINGERPRINT_KEY, BaseModel.of(base).fingerprint());
        if (!merged.isEmpty()) {
            metadata.put(MERGED_KEY, String.join(" ", merged));
        }
        return metadata;
    }
}
