package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Part;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.Role;
import dev.inlay.adapter.Slot;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Site;
import dev.inlay.model.files.SafetensorsFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Reads an adapter directory of PEFT.
 *
 * <p>Files: {@code adapter_config.json} ({@link PeftConfig}), {@code adapter_model.safetensors} ({@link
 * Contents}, metadata as in {@link Provenance}), and {@code README.md}, which is for people and never read. A pickle
 * is refused by name. {@link PeftWriter} writes one.
 */
public final class PeftDirectory {
    private final Path path;
    private final BaseModel base;
    private final Set<Allowance> allowed;
    private final List<String> notes = new ArrayList<>();

    private PeftDirectory(Path path, BaseModel base, Set<Allowance> allowed) {
        this.path = path;
        this.base = base;
        this.allowed = Set.copyOf(allowed);
    }

    /**
     * Reads the adapter that lies directly in a directory.
     *
     * <p>It is an error if a key or a tensor is not understood or not used, if the configuration selects something else
     * than the tensors are for, if a shape or the fingerprint does not fit the base, or if a value is not finite.
     *
     * @param allowed what of this the caller states to know better about
     */
    public static LoadedAdapter read(Path directory, BaseModel base, Set<Allowance> allowed) {
        return new PeftDirectory(directory, base, allowed).read();
    }

    /** As {@link #read}, for the adapter of this name: {@code default} lies in the root, another in a sub-directory. */
    public static LoadedAdapter read(Path root, String name, BaseModel base, Set<Allowance> allowed) {
        return read(AdapterFiles.directory(root, name), base, allowed);
    }

    /** Reads the configuration alone, which needs no base. */
    public static PeftConfig config(Path directory, Set<Allowance> allowed) {
        String file = directory.resolve(AdapterFiles.CONFIG).toString();
        PeftConfig config = PeftConfig.parse(AdapterFiles.config(directory), file, allowed, note -> {});
        return GateFile.completed(directory, config);
    }

    private LoadedAdapter read() {
        String configFile = path.resolve(AdapterFiles.CONFIG).toString();
        PeftConfig config =
                GateFile.completed(path, PeftConfig.parse(AdapterFiles.config(path), configFile, allowed, notes::add));
        GateFile.requireVocabulary(config.beside().gate(), base, configFile);
        Path weights = AdapterFiles.weights(path);
        ModuleTree tree = ModuleTree.of(base);
        List<Target> targets = targets(config);
        requireLayout(config, targets);
        List<Contents.Entry> beside = located(() -> Contents.beside(base, config, targets));
        noteIdle(config);
        try (SafetensorsFile file = AdapterError.of(() -> SafetensorsFile.open(weights))) {
            Optional<Provenance> provenance = Provenance.of(file.metadata(), config.variant(), weights.toString());
            provenance.ifPresent(made -> made.requireBase(base, allowed, path.toString()));
            GateFile.requireTrained(file.metadata(), config.beside().gate(), weights.toString());
            Map<String, StoredFactors.Shape> shapes = new LinkedHashMap<>();
            file.tensors().forEach((name, tensor) -> shapes.put(name, StoredFactors.Shape.of(tensor.shape())));
            List<Contents.Entry> present = present(weights, beside, shapes);
            List<StoredFactors.Pair> pairs = StoredFactors.pair(weights.toString(), tree, targets, shapes);
            Parts parts = AdapterError.of(() -> parts(config, pairs, present, new FactorReader(file)));
            noteTiedHead(parts);
            noteUntrained(config, parts);
            return new LoadedAdapter(parts, config, provenance, notes);
        }
    }

    private List<Target> targets(PeftConfig config) {
        ModuleMatcher.Matching matching = located(() -> ModuleMatcher.match(base, config));
        if (!matching.idle().isEmpty()) {
            notes.add(path + ": target_modules " + String.join(", ", matching.idle()) + " match nothing in this base");
        }
        return matching.targets();
    }

    private void noteIdle(PeftConfig config) {
        List<String> idle = SavedModules.idle(base, config.beside());
        if (!idle.isEmpty()) {
            notes.add(path + ": modules_to_save " + String.join(", ", idle) + " match no map of this base");
        }
    }

    /** The entries that the file has; takes them out of the shapes, so that factors are what is left. */
    private List<Contents.Entry> present(
            Path weights, List<Contents.Entry> entries, Map<String, StoredFactors.Shape> shapes) {
        return entries.stream()
                .filter(entry -> entry.isTakenFrom(shapes, weights.toString()))
                .toList();
    }

    /** Puts the file before an error about the configuration. */
    private <V> V located(Supplier<V> value) {
        try {
            return value.get();
        } catch (InlayException e) {
            throw e.as(InlayException.Kind.ADAPTER)
                    .at(path.resolve(AdapterFiles.CONFIG).toString());
        }
    }

    private void requireLayout(PeftConfig config, List<Target> targets) {
        boolean transposed = targets.stream().anyMatch(t -> t.module().kind() == ModelModule.Kind.CONV1D);
        if (config.fanInFanOut() != transposed && !allowed.contains(Allowance.WRONG_FAN_IN_FAN_OUT)) {
            throw InlayException.adapter(
                    "%s: fan_in_fan_out is %s, and the base stores its weights as %s; set it to %s",
                    path.resolve(AdapterFiles.CONFIG),
                    config.fanInFanOut(),
                    transposed ? "[in, out]" : "[out, in]",
                    transposed);
        }
    }

    private void noteTiedHead(Parts parts) {
        if (base.tiedHead() && !parts.list().stream().allMatch(Part::keepsTie)) {
            notes.add(path
                    + ": changes one of head and embedding, and this base's head is tied to the embedding: unmerged"
                    + " the other stays as it is");
        }
    }

    private Parts parts(
            PeftConfig config, List<StoredFactors.Pair> pairs, List<Contents.Entry> present, FactorReader reader) {
        Map<String, Site> sites = StoredParts.sites(base);
        try (Scope scope = Scope.open()) {
            Map<Slot, Tensor> tensors = new LinkedHashMap<>();
            for (StoredFactors.Pair pair : pairs) {
                Site site = Objects.requireNonNull(sites.get(pair.target().path()));
                tensors.put(new Slot(site, Role.UP), scope.keep(reader.read(pair.up())));
                tensors.put(new Slot(site, Role.DOWN), scope.keep(reader.read(pair.down())));
            }
            present.forEach(entry -> tensors.put(entry.slot(), scope.keep(reader.read(entry.name()))));
            List<Target> targets =
                    pairs.stream().map(StoredFactors.Pair::target).toList();
            return StoredParts.of(base, config.beside(), targets, tensors);
        }
    }

    /** Where there are magnitudes, they act though a factor is zero. */
    private void noteUntrained(PeftConfig config, Parts parts) {
        if (config.beside().dora()) {
            return;
        }
        Map<Site, LowRank> factors = parts.factors();
        long zero = factors.values().stream()
                .filter(factor -> factor.up().maxAbs() == 0 || factor.down().maxAbs() == 0)
                .count();
        if (zero == factors.size() && !factors.isEmpty() && parts.plain().isPresent()) {
            notes.add("warning: " + path + " is untrained: a factor is zero in all " + zero
                    + " modules, so it changes nothing");
        } else if (zero > 0) {
            notes.add("warning: " + path + ": the factors change nothing in " + zero + " of " + factors.size()
                    + " modules: one of them is zero");
        }
    }
}
