package dev.inlay.adapter.merge;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.AdapterDigest;
import dev.inlay.adapter.Gate;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Modulation;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.engine.DType;
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
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a base and an adapter one model that needs no adapter: {@code W' = W + scale * up down}, transposed where the
 * weight is stored as [in, out]. The sum is taken in float64 and rounded once to the element type of the result; tensors
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
    private final Adapter adapter;
    private final MergeOptions options;
    private final boolean untied;

    private Merge(ModelDirectory base, Adapter adapter, MergeOptions options) {
        this.base = base;
        this.adapter = adapter;
        this.options = options;
        this.untied = base.config().tiedHead() && adapter.targets().contains(Site.HEAD);
    }

    /**
     * Writes the merged model.
     *
     * @param target must not exist, or be empty
     * @throws InlayException if the adapter cannot be expressed as weights, does not fit, holds non-finite values or has
     *     been merged into this model before, or if the result is not finite or drifts too far; nothing is left behind
     */
    public static MergeReport write(ModelDirectory base, Adapter adapter, MergeOptions options, Path target) {
        return new Merge(base, adapter, options).write(target);
    }

    private MergeReport write(Path target) {
        requireMergeable();
        List<Drift> measured = new ArrayList<>();
        try (Weights weights = Weights.open(base.path())) {
            List<NewTensor> tensors = tensors(weights);
            Map<String, String> metadata = metadata(weights);
            AtomicDirectory.write(
                    target,
                    AtomicDirectory.Existing.REFUSE,
                    directory -> fill(directory, weights, tensors, metadata),
                    directory -> measured.add(requireSmall(Drift.measure(base, adapter, directory))));
            long bytes = tensors.stream().mapToLong(NewTensor::bytes).sum();
            int changed = adapter.factors().size();
            return new MergeReport(target, changed, tensors.size(), bytes, untied, measured.get(0));
        }
    }

    private void fill(Path directory, Weights weights, List<NewTensor> tensors, Map<String, String> metadata)
            throws IOException {
        new Companions(base.path()).copyTo(directory, configChanges());
        WeightsWriter.write(directory, tensors, metadata, largestShard(weights, tensors));
    }

    // ------------------------------------------------------------------ refusals

    private void requireMergeable() {
        if (!adapter.gate().equals(Gate.OPEN)) {
            throw InlayException.adapter(
                    "the adapter's gate (%s) lets it act on some tokens only, and a merged weight acts on all; use it"
                            + " unmerged",
                    adapter.gate());
        }
        if (!adapter.modulation().equals(Modulation.NONE)) {
            throw InlayException.adapter(
                    "the adapter's modulation (%s) differs from row to row, and a merged weight does not; use it unmerged",
                    adapter.modulation());
        }
        if (untied && options.head() == TiedHead.REFUSE) {
            throw InlayException.adapter(
                    "the adapter changes the head, which in this model is the embedding: merged it would change both;"
                            + " merge with an untied head");
        }
        Map<Site, LinearSite> places = new HashMap<>();
        base.sites().forEach(place -> places.put(place.site(), place));
        adapter.ordered().forEach((site, factors) -> requireFitting(site, factors, places.get(site)));
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
        if (!factors.up().isFinite() || !factors.down().isFinite()) {
            throw InlayException.adapter(
                    "%s: the adapter's factors hold NaN or infinite values; take an earlier checkpoint", place.path());
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

    /** All tensors of the result, in the order of the base's files. */
    private List<NewTensor> tensors(Weights weights) {
        Map<String, LinearSite> changed = new LinkedHashMap<>();
        for (LinearSite place : base.sites()) {
            if (adapter.targets().contains(place.site())) {
                changed.put(base.weightName(place), place);
            }
        }
        List<NewTensor> tensors = new ArrayList<>();
        for (String name : inFileOrder(weights)) {
            tensors.add(tensor(weights, name, name, changed.remove(name)));
        }
        // What is left has no tensor of its own: the tied head, made of the embedding.
        changed.forEach((name, place) -> tensors.add(tensor(weights, base.embeddingName(), name, place)));
        return untied ? fullNames(tensors) : tensors;
    }

    private static List<String> inFileOrder(Weights weights) {
        List<String> names = new ArrayList<>(weights.names());
        names.sort(Comparator.comparing(name -> weights.file(name).path()));
        return names;
    }

    private NewTensor tensor(Weights weights, String source, String name, @Nullable LinearSite place) {
        SafetensorsFile file = weights.file(source);
        StoredTensor stored = file.tensor(source);
        DType from = stored.type().computed().filter(DType::isFloating).orElse(null);
        LowRank factors = place == null ? null : adapter.factors().get(place.site());
        if (place != null && factors != null) {
            if (from == null) {
                throw InlayException.data(
                        "%s: tensor %s is stored as %s and cannot be merged into", file.path(), source, stored.type());
            }
            DType to = options.precision().of(from);
            return MergedTensor.changed(name, file, stored, from, to, new MergedTensor.Change(place, factors));
        }
        return from == null || options.precision().of(from) == from
                ? NewTensor.copyOf(file, stored)
                : MergedTensor.converted(
                        name, file, stored, from, options.precision().of(from));
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
        String digest = AdapterDigest.of(adapter);
        if (!merged.add(digest)) {
            throw InlayException.adapter(
                    "%s: this adapter (%s) has been merged into this model already; merge into the base it was"
                            + " trained on",
                    base.path(), digest);
        }
        Map<String, String> metadata = new TreeMap<>(options.metadata());
        metadata.put(FORMAT_KEY, FORMAT);
        metadata.put(FINGERPRINT_KEY, BaseModel.of(base).fingerprint());
        metadata.put(MERGED_KEY, String.join(" ", merged));
        return metadata;
    }
}
