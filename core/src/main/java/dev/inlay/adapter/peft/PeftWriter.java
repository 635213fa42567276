package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Modulation;
import dev.inlay.adapter.Part;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.Role;
import dev.inlay.adapter.Slot;
import dev.inlay.adapter.gate.GateText;
import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Site;
import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Writes adapter directories that PEFT reads: factors in F32, the same input giving the same bytes. */
public final class PeftWriter {
    private final BaseModel base;
    private final PeftConfig config;
    private final Provenance provenance;

    /**
     * @param base the model that the adapter fits
     * @param config says the same as the adapter will: its modules, ranks and scales
     * @param provenance goes into the metadata
     */
    public PeftWriter(BaseModel base, PeftConfig config, Provenance provenance) {
        this.base = base;
        this.config = config;
        this.provenance = provenance;
    }

    /**
     * Writes a directory that appears whole or not at all, having been read again.
     *
     * <p>It is an error if the configuration does not describe the adapter, or if a value is not finite.
     */
    public void write(Path directory, Parts parts, AtomicDirectory.Existing existing) {
        List<NewTensor> tensors = described(parts);
        AtomicDirectory.write(directory, existing, temporary -> fill(temporary, tensors), this::readAgain);
    }

    /** As {@link #write(Path, Parts, AtomicDirectory.Existing)}, for plain low-rank changes. */
    public void write(Path directory, Adapter adapter, AtomicDirectory.Existing existing) {
        write(directory, Parts.of(adapter), existing);
    }

    /** Writes the same files into a directory of which they are a part; its maker sees to it that it appears whole. */
    public void fill(Path directory, Parts parts) throws IOException {
        fill(directory, described(parts));
    }

    private void fill(Path directory, List<NewTensor> tensors) throws IOException {
        Files.writeString(directory.resolve(AdapterFiles.CONFIG), config.toJson());
        Files.writeString(directory.resolve(AdapterFiles.CARD), card());
        Map<String, String> metadata = new TreeMap<>(provenance.toMetadata());
        if (config.beside().isGated()) {
            String gate = GateText.of(config.beside().gate());
            metadata.put(GateFile.METADATA, gate);
            Files.writeString(directory.resolve(GateText.FILE), gate + "\n");
        }
        SafetensorsWriter.write(directory.resolve(AdapterFiles.WEIGHTS), tensors, metadata);
    }

    private void readAgain(Path directory) {
        try (Scope scope = Scope.open()) {
            PeftDirectory.read(directory, base, Set.of());
        }
    }

    /** The tensors by name, provided that the configuration means exactly these. */
    private List<NewTensor> described(Parts parts) {
        for (Part part : parts.list()) {
            if (part.sites().isEmpty() && part.tensors().isEmpty()) {
                throw InlayException.adapter("%s have no form that files of PEFT can hold", part.kind());
            }
            requireSameGate(part);
        }
        List<Target> meant = ModuleMatcher.match(base, config).targets();
        Map<String, LowRank> factors = byPath(parts);
        Set<String> paths = new TreeSet<>(meant.stream().map(Target::path).toList());
        if (!paths.equals(factors.keySet())) {
            throw InlayException.adapter(
                    "the adapter changes %d maps and its configuration selects %d others or more of them",
                    factors.size(), paths.size());
        }
        meant.forEach(target -> requireSame(target, factors));
        return named(parts, meant);
    }

    private List<NewTensor> named(Parts parts, List<Target> meant) {
        Map<Slot, Tensor> left = new LinkedHashMap<>(parts.tensors());
        Map<String, Site> sites = StoredParts.sites(base);
        List<NewTensor> tensors = new ArrayList<>();
        for (Target target : meant) {
            StoredFactors.Pair pair = StoredFactors.Pair.of(target);
            Site site = Objects.requireNonNull(sites.get(target.path()));
            tensors.add(taken(pair.down(), new Slot(site, Role.DOWN), left));
            tensors.add(taken(pair.up(), new Slot(site, Role.UP), left));
        }
        for (Contents.Entry entry : Contents.beside(base, config, meant)) {
            if (!entry.optional() || left.containsKey(entry.slot())) {
                tensors.add(taken(entry.name(), entry.slot(), left));
            }
        }
        if (!left.isEmpty()) {
            throw InlayException.adapter("the adapter has %s, and its configuration does not say so", left.keySet());
        }
        return tensors;
    }

    private static NewTensor taken(String name, Slot slot, Map<Slot, Tensor> left) {
        Tensor tensor = left.remove(slot);
        if (tensor == null) {
            throw InlayException.adapter("the adapter has no %s, and its configuration asks for it", slot);
        }
        return stored(name, tensor);
    }

    private void requireSameGate(Part part) {
        if (!part.gate().equals(config.beside().gate())) {
            throw InlayException.adapter(
                    "%s have the gate (%s), and the configuration says (%s)",
                    part.kind(), part.gate(), config.beside().gate());
        }
        if (part instanceof Adapter adapter && !adapter.modulation().equals(Modulation.NONE)) {
            throw InlayException.adapter("only an adapter without modulation can be written as plain LoRA");
        }
    }

    private Map<String, LowRank> byPath(Parts parts) {
        Map<String, LowRank> factors = new TreeMap<>();
        Map<String, Site> sites = StoredParts.sites(base);
        parts.factors()
                .forEach((site, factor) -> factors.put(
                        sites.entrySet().stream()
                                .filter(entry -> entry.getValue().equals(site))
                                .map(Map.Entry::getKey)
                                .findFirst()
                                .orElse(site.toString()),
                        factor));
        return factors;
    }

    private static void requireSame(Target target, Map<String, LowRank> factors) {
        LowRank factor = factors.get(target.path());
        if (factor != null && (factor.rank() != target.rank() || factor.scale() != target.scale())) {
            throw InlayException.adapter(
                    "%s has rank %d and scale %s, and its configuration says rank %d and scale %s",
                    target.path(), factor.rank(), factor.scale(), target.rank(), target.scale());
        }
    }

    private static NewTensor stored(String name, Tensor tensor) {
        if (!tensor.isFinite()) {
            throw InlayException.adapter("%s holds NaN or infinite values; such an adapter is never written", name);
        }
        return NewTensor.computed(name, DType.FLOAT32, tensor.shape(), () -> tensor.to(DType.FLOAT32));
    }

    /** A model card; people and hubs read it, no program of ours does. */
    private String card() {
        String name = provenance.baseName().isEmpty() ? "its base model" : provenance.baseName();
        String line = provenance.baseName().isEmpty() ? "" : "base_model: " + Json.line(name) + "\n";
        return """
                ---
                %slibrary_name: peft
                tags:
                - lora
                ---

                # Low-rank adapter for %s

                Rank %d, alpha %s%s. Load it with PEFT (`PeftModel.from_pretrained`) or with Inlay.
                """.formatted(
                        line,
                        plain(name),
                        config.ranks().rank(),
                        config.ranks().alpha(),
                        (config.ranks().stabilised() ? ", rank-stabilised" : "")
                                + (config.beside().dora() ? ", weight-decomposed (DoRA)" : "")
                                + (config.beside().isGated()
                                        ? ", gated: " + plain(config.beside().gate())
                                        : ""));
    }

    private static String plain(Object text) {
        return text.toString().replaceAll("[\\p{Cntrl}`<>]", "?");
    }
}
