package dev.inlay.adapter.exchange;

import dev.inlay.InlayException;
import dev.inlay.adapter.peft.ModuleAliases;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names that PEFT would give to tensors that others named. What is recognised, in this order:
 *
 * <table>
 * <caption>Forms</caption>
 * <tr><td>{@code _orig_mod.}, {@code _fsdp_wrapped_module.}, {@code _checkpoint_wrapped_module.}, leading {@code module.}</td>
 * <td>training wrappers: left out</td></tr>
 * <tr><td>{@code .lora_A.NAME.weight}, {@code .modules_to_save.NAME.weight}</td><td>the adapter's own name: left
 * out</td></tr>
 * <tr><td>{@code .lora_A}, {@code .lora_magnitude_vector.weight}</td><td>ending: as PEFT has it</td></tr>
 * <tr><td>paths of other releases</td><td>{@link ModuleAliases}</td></tr>
 * <tr><td>no {@code base_model.model.}</td><td>put before</td></tr>
 * </table>
 *
 * <p>A name that fits nothing keeps its end, so that the strict reader names it.
 */
final class FactorNames {
    private static final String PREFIX = "base_model.model.";
    private static final Pattern WRAPPER =
            Pattern.compile("(^module\\.)|(_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\\.");
    private static final Pattern FACTOR =
            Pattern.compile("(?<path>.+)\\.(?<part>lora_(A|B|embedding_A|embedding_B|magnitude_vector))"
                    + "(\\.(?<adapter>(?!(weight|bias)$)[^.]+))?(\\.(?<leaf>weight|bias))?");
    private static final Pattern SAVED =
            Pattern.compile("(?<path>.+)\\.modules_to_save\\.(?<adapter>[^.]+)\\.(?<leaf>weight|bias)");

    private final Path source;
    private final Predicate<String> exists;
    private final Set<String> adapters = new TreeSet<>();
    private final Set<String> notes = new TreeSet<>();

    private FactorNames(Path source, Predicate<String> exists) {
        this.source = source;
        this.exists = exists;
    }

    /**
     * What was found.
     *
     * @param names old name to PEFT's name
     * @param notes what was changed, one line each
     */
    record Renamed(Map<String, String> names, List<String> notes) {}

    /**
     * Finds PEFT's names.
     *
     * @param source for errors
     * @param exists whether the base has a module at a path
     */
    static Renamed of(Path source, Collection<String> names, Predicate<String> exists) {
        return new FactorNames(source, exists).all(names);
    }

    private Renamed all(Collection<String> names) {
        Map<String, String> renamed = new LinkedHashMap<>();
        Map<String, String> taken = new LinkedHashMap<>();
        for (String name : names) {
            String fitting = one(name);
            String other = taken.put(fitting, name);
            if (other != null) {
                throw InlayException.adapter("%s: %s and %s would both be %s", source, other, name, fitting);
            }
            renamed.put(name, fitting);
        }
        if (adapters.size() > 1) {
            throw InlayException.adapter(
                    "%s: holds tensors of several adapters (%s); save each by itself",
                    source, String.join(", ", adapters));
        }
        adapters.forEach(adapter -> notes.add("left out the adapter's name: " + adapter));
        return new Renamed(renamed, List.copyOf(notes));
    }

    private String one(String name) {
        String bare = WRAPPER.matcher(name).replaceAll("");
        note(!bare.equals(name), "left out the prefixes of training wrappers");
        boolean prefixed = bare.startsWith(PREFIX);
        note(!prefixed, "put " + PREFIX + " before all names");
        String inside = prefixed ? bare.substring(PREFIX.length()) : bare;
        Matcher factor = FACTOR.matcher(inside);
        if (factor.matches()) {
            collect(factor);
            return PREFIX + path(factor.group("path")) + "." + factor.group("part") + ending(factor);
        }
        Matcher saved = SAVED.matcher(inside);
        if (saved.matches()) {
            collect(saved);
            return PREFIX + path(saved.group("path")) + "." + saved.group("leaf");
        }
        return PREFIX + inside;
    }

    private void collect(Matcher matched) {
        if (matched.group("adapter") != null) {
            adapters.add(matched.group("adapter"));
        }
    }

    private static String ending(Matcher factor) {
        boolean plain = factor.group("part").length() == "lora_A".length();
        String leaf = factor.group("leaf");
        return plain ? "." + (leaf == null ? "weight" : leaf) : "";
    }

    private String path(String path) {
        return ModuleAliases.of(path, exists)
                .map(alias -> {
                    notes.add("called " + alias.from() + " " + alias.to() + " (" + alias.where() + ")");
                    return alias.apply(path);
                })
                .orElse(path);
    }

    private void note(boolean condition, String line) {
        if (condition) {
            notes.add(line);
        }
    }
}
