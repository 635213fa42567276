package dev.inlay.adapter.peft;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * All modules of a model, in its own order: the leaves given, and before each the blocks that contain it.
 */
public final class ModuleTree {
    private static final List<String> ATTENTION_IN = List.of("q_proj", "v_proj");
    /** What PEFT adapts in a family when {@code target_modules} is absent. */
    private static final Map<String, List<String>> USUAL = Map.of(
            "llama", ATTENTION_IN,
            "mistral", ATTENTION_IN,
            "qwen2", ATTENTION_IN,
            "qwen3", ATTENTION_IN,
            "gemma", ATTENTION_IN,
            "gemma2", ATTENTION_IN,
            "gemma3_text", ATTENTION_IN,
            "phi", List.of("q_proj", "v_proj", "fc1", "fc2"),
            "gpt2", List.of("c_attn"));

    private final String family;
    private final Map<String, ModelModule> modules = new LinkedHashMap<>();

    /**
     * @param family {@code model_type} of the model's {@code config.json}
     * @param leaves modules that contain no others
     */
    public ModuleTree(String family, List<ModelModule> leaves) {
        this.family = family;
        for (ModelModule leaf : leaves) {
            String path = leaf.path();
            for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
                modules.computeIfAbsent(path.substring(0, dot), ModelModule::block);
            }
            modules.put(path, leaf);
        }
    }

    /** The tree above the linear maps of a decoder. */
    public static ModuleTree of(BaseModel base) {
        return new ModuleTree(
                base.family(), base.sites().stream().map(ModelModule::of).toList());
    }

    String family() {
        return family;
    }

    List<ModelModule> modules() {
        return new ArrayList<>(modules.values());
    }

    Optional<ModelModule> module(String path) {
        return Optional.ofNullable(modules.get(path));
    }

    List<String> linearPaths() {
        return modules.values().stream()
                .filter(module -> module.kind().linear())
                .map(ModelModule::path)
                .toList();
    }

    Optional<List<String>> usualTargets() {
        return Optional.ofNullable(USUAL.get(family));
    }

    /** Names of the linear maps and how many have each: {@code k_proj, o_proj, q_proj (32 each), lm_head (1)}. */
    String linearNames() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        modules.values().stream()
                .filter(module -> module.kind().linear())
                .forEach(module -> counts.merge(module.leaf(), 1, Integer::sum));
        Map<Integer, List<String>> byCount = new TreeMap<>((a, b) -> Integer.compare(b, a));
        counts.forEach((name, count) ->
                byCount.computeIfAbsent(count, c -> new ArrayList<>()).add(name));
        return byCount.entrySet().stream()
                .map(e -> String.join(", ", e.getValue()) + " (" + e.getKey()
                        + (e.getValue().size() > 1 ? " each)" : ")"))
                .collect(Collectors.joining(", "));
    }
}
