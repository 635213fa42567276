package dev.inlay.adapter.peft;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.engine.Scope;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.SafetensorsFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Every reason for which {@link PeftDirectory} refuses an adapter, where reading names the first. There is one judge: each
 * key and each module is put before the strict reader alone, and the whole directory last.
 */
public final class PeftProblems {
    /** Keys that mean something only together. */
    private static final List<String> LAYERS = List.of("target_modules", "layers_to_transform", "layers_pattern");

    private final Path path;
    private final BaseModel base;
    private final Set<Allowance> allowed;
    private final Set<String> problems = new LinkedHashSet<>();
    private int expected;
    private int matched;

    private PeftProblems(Path path, BaseModel base, Set<Allowance> allowed) {
        this.path = path;
        this.base = base;
        this.allowed = Set.copyOf(allowed);
    }

    /**
     * What was found.
     *
     * @param problems one line each; none if the directory can be read
     * @param expected modules that the configuration selects in the base; 0 if it cannot be read
     * @param matched those of them with all tensors in the right shapes
     * @param provenance what the weights say about their origin, if they do
     */
    public record Found(List<String> problems, int expected, int matched, Optional<Provenance> provenance) {
        public Found {
            problems = List.copyOf(problems);
        }
    }

    /** Looks for all problems of the adapter that lies directly in a directory; an adapter without any is read, too. */
    public static Found of(Path directory, BaseModel base, Set<Allowance> allowed) {
        PeftProblems search = new PeftProblems(directory, base, allowed);
        Optional<Provenance> provenance = search.search();
        return new Found(List.copyOf(search.problems), search.expected, search.matched, provenance);
    }

    private Optional<Provenance> search() {
        PeftConfig config = config();
        Optional<Provenance> provenance = Optional.empty();
        Path weights = attempt(() -> AdapterFiles.weights(path));
        if (weights != null) {
            try (SafetensorsFile file = attempt(() -> AdapterError.of(() -> SafetensorsFile.open(weights)))) {
                provenance = file == null ? provenance : tensors(file, config);
            }
        }
        // Last, for what concerns the directory as a whole; a problem that is known already is not repeated.
        if (problems.isEmpty()) {
            attempt(() -> {
                try (Scope scope = Scope.open()) {
                    return PeftDirectory.read(path, base, allowed);
                }
            });
        }
        return provenance;
    }

    // ------------------------------------------------------------------ configuration

    private @Nullable PeftConfig config() {
        String source = path.resolve(AdapterFiles.CONFIG).toString();
        String json = attempt(() -> AdapterFiles.config(path));
        JsonNode node = json == null ? null : attempt(() -> AdapterError.of(() -> Json.parse(json, source)));
        if (json == null || node == null) {
            return null;
        }
        if (node instanceof ObjectNode object) {
            pieces(object).forEach(piece -> attempt(() -> parse(piece.toString(), source)));
        }
        return attempt(() -> parse(json, source));
    }

    private PeftConfig parse(String json, String source) {
        return PeftConfig.parse(json, source, allowed, note -> {});
    }

    /** The configuration cut into the smallest objects that can be judged alone. */
    private static List<ObjectNode> pieces(ObjectNode object) {
        List<ObjectNode> pieces = new ArrayList<>();
        ObjectNode layers = piece();
        ObjectNode type = JsonNodeFactory.instance.objectNode();
        object.properties().forEach(entry -> {
            if (entry.getKey().equals("peft_type")) {
                type.set(entry.getKey(), entry.getValue());
            } else if (LAYERS.contains(entry.getKey())) {
                layers.set(entry.getKey(), entry.getValue());
            } else {
                ObjectNode piece = piece();
                piece.set(entry.getKey(), entry.getValue());
                pieces.add(piece);
            }
        });
        pieces.add(0, layers);
        pieces.add(0, type);
        return pieces;
    }

    private static ObjectNode piece() {
        return JsonNodeFactory.instance.objectNode().put("peft_type", "LORA");
    }

    // ------------------------------------------------------------------ tensors

    private Optional<Provenance> tensors(SafetensorsFile file, @Nullable PeftConfig config) {
        Map<String, StoredFactors.Shape> shapes = new LinkedHashMap<>();
        file.tensors().forEach((name, tensor) -> shapes.put(name, StoredFactors.Shape.of(tensor.shape())));
        if (config == null) {
            shapes.keySet()
                    .forEach(name -> ForeignTensor.kind(name)
                            .ifPresent(kind -> problems.add(file.path() + ": tensor " + name + " " + kind)));
            return Optional.empty();
        }
        ModuleTree tree = ModuleTree.of(base);
        ModuleMatcher.Matching matching = attempt(() -> ModuleMatcher.match(base, config));
        if (matching != null) {
            beside(file, config, matching.targets(), shapes);
            modules(file, tree, matching.targets(), shapes);
        }
        Optional<Provenance> provenance = attempt(() ->
                Provenance.of(file.metadata(), config.variant(), file.path().toString()));
        if (provenance == null) {
            return Optional.empty();
        }
        provenance.ifPresent(made -> problems.addAll(made.differences(base, allowed, path.toString())));
        return provenance;
    }

    /** Takes what lies beside the factors out of the shapes. */
    private void beside(
            SafetensorsFile file, PeftConfig config, List<Target> targets, Map<String, StoredFactors.Shape> shapes) {
        List<Contents.Entry> entries = attempt(() -> Contents.beside(base, config, targets));
        if (entries == null) {
            return;
        }
        for (Contents.Entry entry : entries) {
            Boolean taken = attempt(() -> entry.isTakenFrom(shapes, file.path().toString()));
            if (taken != null && taken) {
                finite(file, Set.of(entry.name()));
            }
        }
    }

    private void modules(
            SafetensorsFile file, ModuleTree tree, List<Target> targets, Map<String, StoredFactors.Shape> shapes) {
        Map<String, StoredFactors.Shape> rest = new LinkedHashMap<>(shapes);
        String source = file.path().toString();
        expected = targets.size();
        for (Target target : targets) {
            Map<String, StoredFactors.Shape> own = new LinkedHashMap<>();
            shapes.forEach((name, shape) -> {
                if (name.startsWith(StoredFactors.ownPrefix(target.path()))) {
                    own.put(name, shape);
                }
            });
            rest.keySet().removeAll(own.keySet());
            if (own.isEmpty()) {
                problems.add(source + ": has no factors for the targeted module " + target.path());
            } else if (attempt(() -> StoredFactors.pair(source, tree, List.of(target), own)) != null
                    && finite(file, own.keySet())) {
                matched++;
            }
        }
        rest.forEach((name, shape) -> attempt(() -> StoredFactors.pair(source, tree, targets, Map.of(name, shape))));
    }

    private boolean finite(SafetensorsFile file, Set<String> names) {
        FactorReader reader = new FactorReader(file);
        boolean finite = true;
        for (String name : names) {
            finite &= attempt(() -> {
                        try (Scope scope = Scope.open()) {
                            return AdapterError.of(() -> reader.read(name)).count();
                        }
                    })
                    != null;
        }
        return finite;
    }

    /** The result, or null after its failure was noted. A failure that is no bad adapter, such as a bug, is thrown on. */
    private <V> @Nullable V attempt(Supplier<V> reading) {
        try {
            return reading.get();
        } catch (InlayException e) {
            if (e.kind() != InlayException.Kind.ADAPTER && e.kind() != InlayException.Kind.DATA) {
                throw e;
            }
            problems.add(e.getMessage());
            return null;
        }
    }
}
