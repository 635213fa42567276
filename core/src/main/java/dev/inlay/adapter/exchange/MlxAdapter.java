package dev.inlay.adapter.exchange;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Modulation;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.ModuleAliases;
import dev.inlay.adapter.peft.PeftConfig;
import dev.inlay.adapter.peft.PeftWriter;
import dev.inlay.adapter.peft.Provenance;
import dev.inlay.adapter.peft.Ranks;
import dev.inlay.adapter.peft.TextHashes;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Gate;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Site;
import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.files.SafetensorsWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Adapter directories of mlx-lm.
 *
 * <p>{@code adapters.safetensors}: {@code PATH.lora_a} [in, rank] and {@code PATH.lora_b} [rank, out], both the transposes
 * of PEFT's. {@code adapter_config.json}: all arguments of the run, of which {@code fine_tune_type} must be {@code lora} or
 * absent and {@code lora_parameters} holds {@code rank}, {@code scale} and {@code dropout}. The scale multiplies the
 * product as it stands, it is not divided by the rank.
 */
public final class MlxAdapter {
    private static final Pattern FACTOR = Pattern.compile("(?<path>.+)\\.lora_(?<half>[ab])");
    private static final int LARGEST_RANK = 1 << 20;

    private final Path source;
    private final BaseModel base;

    private MlxAdapter(Path source, BaseModel base) {
        this.source = source;
        this.base = base;
    }

    // ------------------------------------------------------------------ reading

    /**
     * Makes a PEFT directory of one.
     *
     * @param version of the writer, for the metadata
     * @param target must not exist
     */
    public static Converted toPeft(Path source, ModelDirectory model, String version, Path target) {
        PeftOutput output = PeftOutput.of(model, Set.of(), target);
        try (Scope scope = Scope.open()) {
            return new MlxAdapter(source, output.base()).toPeft(output, version);
        }
    }

    private Converted toPeft(PeftOutput output, String version) {
        JsonObject config = Json.readObject(source.resolve(Layout.CONFIG));
        String kind = config.text("fine_tune_type", "lora");
        if (!kind.equals("lora")) {
            throw InlayException.adapter(
                    "%s: fine_tune_type is \"%s\"; only \"lora\" is converted", source.resolve(Layout.CONFIG), kind);
        }
        JsonObject parameters = config.object("lora_parameters");
        Ranks ranks = ranks(parameters);
        Map<String, Map<String, Tensor>> halves = halves();
        Set<String> paths = new TreeSet<>(halves.keySet());
        PeftConfig made = PeftImport.plain(
                base,
                paths,
                ranks,
                parameters.number("dropout", 0),
                config.optionalText("model").orElse(null));
        Adapter adapter = adapter(halves, ranks);
        // The file does not say which base it was trained on, so neither do we.
        Provenance unknown = new Provenance(version, "lora", "", "", "", TextHashes.NONE, "");
        PeftWriter writer = new PeftWriter(base, made, unknown);
        return output.write(
                directory -> writer.fill(directory, Parts.of(adapter)),
                Optional.of(Proof.Meant.of(adapter)),
                true,
                List.of());
    }

    /** Its scale is not divided by the rank, so alpha is the product. */
    private static Ranks ranks(JsonObject parameters) {
        int rank = (int) parameters.integer("rank", 1, LARGEST_RANK);
        return Ranks.uniform(rank, parameters.number("scale") * rank, false);
    }

    /** Both halves by path and letter, transposed to PEFT's shapes. */
    private Map<String, Map<String, Tensor>> halves() {
        Set<String> modules = maps().map(LinearSite::path).collect(Collectors.toSet());
        Map<String, Map<String, Tensor>> halves = new LinkedHashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(source.resolve(Layout.MLX_WEIGHTS))) {
            for (String name : file.tensors().keySet()) {
                Matcher factor = FACTOR.matcher(name);
                if (!factor.matches()) {
                    throw InlayException.adapter(
                            "%s: tensor %s is no factor; expected PATH.lora_a and PATH.lora_b", file.path(), name);
                }
                String path = factor.group("path");
                String here = ModuleAliases.of(path, modules::contains)
                        .map(alias -> alias.apply(path))
                        .orElse(path);
                Tensor stored = file.load(file.tensor(name), DType.FLOAT32);
                if (!modules.contains(here) || stored.rank() != 2) {
                    throw InlayException.adapter(
                            "%s: tensor %s %s",
                            file.path(),
                            name,
                            modules.contains(here)
                                    ? "is no matrix"
                                    : "is for a linear map that the base does not have");
                }
                halves.computeIfAbsent(here, p -> new LinkedHashMap<>())
                        .put(factor.group("half"), stored.transposed().contiguous());
            }
        }
        return halves;
    }

    /** The embedding is no linear map there: its factors are laid out in another way. */
    private Stream<LinearSite> maps() {
        return base.sites().stream().filter(place -> !place.site().equals(Site.EMBEDDING));
    }

    private Adapter adapter(Map<String, Map<String, Tensor>> halves, Ranks ranks) {
        Map<Site, LowRank> factors = new LinkedHashMap<>();
        for (LinearSite place : maps().toList()) {
            Map<String, Tensor> both = halves.get(place.path());
            if (both == null) {
                continue;
            }
            Tensor down = both.get("a");
            Tensor up = both.get("b");
            if (down == null || up == null) {
                throw InlayException.adapter(
                        "%s: %s.lora_%s is missing: a change needs both factors",
                        source, place.path(), down == null ? "a" : "b");
            }
            LowRank factor = new LowRank(up, down, ranks.alpha() / ranks.rank());
            if (factor.in() != place.in() || factor.out() != place.out() || factor.rank() != ranks.rank()) {
                throw InlayException.adapter(
                        "%s: %s: lora_a %d x %d and lora_b %d x %d, expected %d x %d and %d x %d",
                        source,
                        place.path(),
                        factor.in(),
                        factor.rank(),
                        factor.rank(),
                        factor.out(),
                        place.in(),
                        ranks.rank(),
                        ranks.rank(),
                        place.out());
            }
            factors.put(place.site(), factor);
        }
        return Adapter.of(factors);
    }

    // ------------------------------------------------------------------ writing

    /**
     * Writes an adapter as mlx-lm reads it. There is one rank and one scale for all modules: the scale is that of the
     * first, the quotient of another module's is multiplied into its second factor, and smaller ranks are filled up with
     * zeros. Both change nothing.
     *
     * @param target must not exist
     */
    public static Converted write(Path target, Adapter adapter, ModelDirectory model) {
        if (!adapter.gate().equals(Gate.OPEN) || !adapter.modulation().equals(Modulation.NONE)) {
            throw InlayException.adapter("only an adapter without gate and modulation can be written for mlx-lm");
        }
        if (adapter.targets().contains(Site.EMBEDDING)) {
            throw InlayException.adapter("a change of the embedding is not written for mlx-lm; merge it (inlay merge)");
        }
        if (model.sites().stream().anyMatch(LinearSite::storedTransposed)) {
            throw InlayException.adapter(
                    "the family %s has other names in mlx-lm and is not written for it",
                    model.config().family());
        }
        BaseModel base = BaseModel.of(model);
        List<Converted> done = new ArrayList<>();
        MlxAdapter writer = new MlxAdapter(target, base);
        try (Scope scope = Scope.open()) {
            AtomicDirectory.write(
                    target,
                    AtomicDirectory.Existing.REFUSE,
                    directory -> writer.fill(directory, adapter, model.config().layers()),
                    directory -> done.add(proved(directory, adapter, model, base, target)));
        }
        return done.get(0);
    }

    private static Converted proved(
            Path directory, Adapter adapter, ModelDirectory model, BaseModel base, Path target) {
        try (Scope scope = Scope.open()) {
            MlxAdapter reader = new MlxAdapter(directory, base);
            JsonObject config = Json.readObject(directory.resolve(Layout.CONFIG));
            Adapter read = reader.adapter(reader.halves(), ranks(config.object("lora_parameters")));
            Proof proof = Proof.of(model, Optional.of(Proof.Meant.of(adapter)), Parts.of(read), target)
                    .requireNear(target);
            return new Converted(target, read.factors().size(), proof.effect(), proof.deviation(), List.of());
        }
    }

    private void fill(Path directory, Adapter adapter, int layers) {
        LowRank first = adapter.ordered().values().iterator().next();
        long rank = adapter.factors().values().stream()
                .mapToLong(LowRank::rank)
                .max()
                .orElseThrow();
        List<NewTensor> tensors = new ArrayList<>();
        Set<String> keys = new TreeSet<>();
        for (LinearSite place : base.sites()) {
            LowRank factors = adapter.factors().get(place.site());
            if (factors != null) {
                double quotient = factors.scale() / first.scale();
                Tensor up = quotient == 1
                        ? factors.up()
                        : factors.up().to(DType.FLOAT64).times(quotient);
                tensors.add(stored(place.path() + ".lora_a", filled(factors.down(), 0, rank)));
                tensors.add(stored(place.path() + ".lora_b", filled(up, 1, rank)));
                keys.add(place.path().replaceFirst("^model\\.layers\\.\\d+\\.", ""));
            }
        }
        SafetensorsWriter.write(directory.resolve(Layout.MLX_WEIGHTS), tensors, Map.of());
        Json.write(
                directory.resolve(Layout.CONFIG),
                Map.of(
                        "fine_tune_type",
                        "lora",
                        "num_layers",
                        layers,
                        "lora_parameters",
                        Map.of("rank", rank, "scale", first.scale(), "dropout", 0.0, "keys", List.copyOf(keys))));
    }

    private static NewTensor stored(String name, Tensor factor) {
        return NewTensor.of(
                        name, factor.detached().to(DType.FLOAT32).transposed().contiguous())
                .refusingNonFinite();
    }

    /** The factor with zeros up to a rank. */
    private static Tensor filled(Tensor factor, int dimension, long rank) {
        long missing = rank - factor.size(dimension);
        if (missing == 0) {
            return factor;
        }
        long[] shape = factor.shape();
        shape[dimension] = missing;
        return Tensor.concat(dimension, List.of(factor, Tensor.zeros(factor.dtype(), Device.CPU, shape)));
    }
}
