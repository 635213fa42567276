package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.LinearSite;
import dev.inlay.model.Site;
import dev.inlay.model.files.SafetensorsFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads an adapter directory of PEFT.
 *
 * <p>Files: {@code adapter_config.json} ({@link PeftConfig}), {@code adapter_model.safetensors} (two factors for each
 * adapted module, metadata as in {@link Provenance}), and {@code README.md}, which is for people and never read. A pickle
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
        return PeftConfig.parse(AdapterFiles.config(directory), file, allowed, note -> {});
    }

    private LoadedAdapter read() {
        String configFile = path.resolve(AdapterFiles.CONFIG).toString();
        PeftConfig config = PeftConfig.parse(AdapterFiles.config(path), configFile, allowed, notes::add);
        Path weights = AdapterFiles.weights(path);
        ModuleTree tree = ModuleTree.of(base);
        List<Target> targets = targets(config, tree);
        requireLayout(config, targets);
        noteTiedHead(targets);
        try (SafetensorsFile file = AdapterError.of(() -> SafetensorsFile.open(weights))) {
            Optional<Provenance> provenance = Provenance.of(file.metadata(), config.ranks(), weights.toString());
            provenance.ifPresent(made -> made.requireBase(base, allowed, path.toString()));
            Map<String, StoredFactors.Shape> shapes = new LinkedHashMap<>();
            file.tensors().forEach((name, tensor) -> shapes.put(name, StoredFactors.Shape.of(tensor.shape())));
            List<StoredFactors.Pair> pairs = StoredFactors.pair(weights.toString(), tree, targets, shapes);
            Adapter adapter = AdapterError.of(() -> factors(pairs, new FactorReader(file)));
            noteUntrained(adapter);
            return new LoadedAdapter(adapter, config, provenance, notes);
        }
    }

    private List<Target> targets(PeftConfig config, ModuleTree tree) {
        ModuleMatcher.Matching matching = matching(config, tree);
        if (!matching.idle().isEmpty()) {
            notes.add(path + ": target_modules " + String.join(", ", matching.idle()) + " match nothing in this base");
        }
        return matching.targets();
    }

    private ModuleMatcher.Matching matching(PeftConfig config, ModuleTree tree) {
        try {
            return new ModuleMatcher(tree).match(config.selection(), config.ranks());
        } catch (InlayException e) {
            throw e.at(path.resolve(AdapterFiles.CONFIG).toString());
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

    private void noteTiedHead(List<Target> targets) {
        if (base.tiedHead() && targets.stream().anyMatch(t -> t.module().head())) {
            notes.add(path + ": adapts the head, which is tied to the embedding: it acts on the head alone, unmerged");
        }
    }

    private Adapter factors(List<StoredFactors.Pair> pairs, FactorReader reader) {
        Map<String, Site> sites = new LinkedHashMap<>();
        for (LinearSite linear : base.sites()) {
            sites.put(linear.path(), linear.site());
        }
        try (Scope scope = Scope.open()) {
            Map<Site, LowRank> factors = new LinkedHashMap<>();
            for (StoredFactors.Pair pair : pairs) {
                Tensor up = scope.keep(reader.read(pair.up()));
                Tensor down = scope.keep(reader.read(pair.down()));
                Site site = sites.get(pair.target().path());
                if (site == null) {
                    throw new IllegalStateException("a target is always one of the base's maps");
                }
                factors.put(site, new LowRank(up, down, pair.target().scale()));
            }
            return Adapter.of(factors);
        }
    }

    private void noteUntrained(Adapter adapter) {
        long zero = adapter.factors().values().stream()
                .filter(factor -> factor.up().maxAbs() == 0 || factor.down().maxAbs() == 0)
                .count();
        if (zero == adapter.factors().size()) {
            notes.add("warning: " + path + " is untrained: a factor is zero in all " + zero
                    + " modules, so it changes nothing");
        } else if (zero > 0) {
            notes.add("warning: " + path + " changes nothing in " + zero + " of "
                    + adapter.factors().size() + " modules: a factor is zero");
        }
    }
}
