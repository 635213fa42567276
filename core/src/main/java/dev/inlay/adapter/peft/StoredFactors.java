package dev.inlay.adapter.peft;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.inlay.InlayException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The factors of every target among the tensors of {@code adapter_model.safetensors}.
 *
 * <p>{@link Contents} has their names. What else belongs into the file is not its concern and must not be among the shapes.
 */
final class StoredFactors {
    private static final String PREFIX = "base_model.model.";
    private static final String DOWN = ".lora_A.weight";
    private static final String UP = ".lora_B.weight";
    private static final String EMBEDDING_DOWN = ".lora_embedding_A";
    private static final String EMBEDDING_UP = ".lora_embedding_B";
    private static final Pattern FACTOR =
            Pattern.compile("base_model\\.model\\.(?<path>.+)\\.lora_([AB]\\.weight|embedding_[AB])", Pattern.DOTALL);
    private static final int MOST_LISTED = 3;

    private final String source;
    private final ModuleTree tree;
    private final Map<String, Target> targets = new LinkedHashMap<>();
    private final Set<String> wanted = new HashSet<>();
    private final Map<String, Shape> shapes = new LinkedHashMap<>();

    /** Sizes of a tensor, slowest first. */
    record Shape(List<Long> sizes) {
        static Shape of(long... sizes) {
            return new Shape(Arrays.stream(sizes).boxed().toList());
        }

        @Override
        public String toString() {
            return sizes.toString();
        }
    }

    /** The names of a target's two factors. */
    record Pair(Target target, String down, String up) {
        static Pair of(Target target) {
            return target.module().kind() == ModelModule.Kind.EMBEDDING
                    ? new Pair(target, PREFIX + target.path() + EMBEDDING_DOWN, PREFIX + target.path() + EMBEDDING_UP)
                    : new Pair(target, downName(target.path()), upName(target.path()));
        }
    }

    static String downName(String path) {
        return PREFIX + path + DOWN;
    }

    /** With what the names of all tensors of a module begin. */
    static String ownPrefix(String path) {
        return PREFIX + path + ".";
    }

    static String upName(String path) {
        return PREFIX + path + UP;
    }

    private StoredFactors(String source, ModuleTree tree, List<Target> targets, Map<String, Shape> shapes) {
        this.source = source;
        this.tree = tree;
        for (Target target : targets) {
            this.targets.put(target.path(), target);
            Pair pair = Pair.of(target);
            wanted.addAll(List.of(pair.down(), pair.up()));
        }
        this.shapes.putAll(shapes);
    }

    /**
     * Pairs the tensors with the targets. It is an error if a tensor is left over, a target or half of it is missing, or a
     * shape does not fit the base or the rank.
     *
     * @param source names the file in errors
     * @param shapes of all tensors of the file, by name
     */
    static List<Pair> pair(String source, ModuleTree tree, List<Target> targets, Map<String, Shape> shapes) {
        return new StoredFactors(source, tree, targets, shapes).pairs();
    }

    private List<Pair> pairs() {
        if (shapes.isEmpty()) {
            throw refused("holds no tensors; expected two for each of %d modules", targets.size());
        }
        shapes.keySet().forEach(this::requireWanted);
        List<Pair> pairs = targets.values().stream().map(Pair::of).toList();
        requireComplete(pairs);
        pairs.forEach(this::requireShapes);
        return pairs;
    }

    private void requireWanted(String name) {
        Matcher factor = FACTOR.matcher(name);
        boolean isFactor = factor.matches();
        if (wanted.contains(name)) {
            return;
        }
        ForeignTensor.kind(name).ifPresent(kind -> {
            throw refused("tensor %s %s", name, kind);
        });
        if (!isFactor) {
            throw refused("tensor %s is no factor of LoRA: expected %sPATH%s or %s", name, PREFIX, DOWN, UP);
        }
        String path = factor.group("path");
        Optional<ModelModule> module = tree.module(path);
        if (module.isEmpty()) {
            String alias = ModuleAliases.of(path, known -> tree.module(known).isPresent())
                    .map(renamed -> "; it would fit as " + renamed.apply(path) + " (" + renamed.where()
                            + "): convert it with inlay convert --to peft")
                    .orElse("");
            throw refused(
                    "tensor %s is for a module that the base does not have; nearest: %s; is it the right base?%s",
                    name, Nearest.to(path, tree.linearPaths()).orElse("none"), alias);
        }
        throw refused(
                "tensor %s is for a module that adapter_config.json does not target; expected factors for %s",
                name, listed(List.copyOf(targets.keySet())));
    }

    private void requireComplete(List<Pair> pairs) {
        List<String> missing = new ArrayList<>();
        for (Pair pair : pairs) {
            boolean down = shapes.containsKey(pair.down());
            boolean up = shapes.containsKey(pair.up());
            if (down != up) {
                throw refused(
                        "%s is there and %s is missing: a change needs both factors",
                        down ? pair.down() : pair.up(), down ? pair.up() : pair.down());
            }
            if (!down) {
                missing.add(pair.target().path());
            }
        }
        if (!missing.isEmpty()) {
            throw refused(
                    "has factors for %d of %d targeted modules; missing: %s",
                    pairs.size() - missing.size(), pairs.size(), listed(missing));
        }
    }

    private void requireShapes(Pair pair) {
        ModelModule module = pair.target().module();
        Shape down = matrix(pair.down());
        Shape up = matrix(pair.up());
        long rank = down.sizes().get(0);
        if (rank != up.sizes().get(1)) {
            throw refused(
                    "%s: lora_A %s and lora_B %s disagree on the rank, expected [rank, in] and [out, rank]%s",
                    pair.target().path(), down, up, transposed(module, down, up));
        }
        if (down.sizes().get(1) != module.in() || up.sizes().get(0) != module.out()) {
            throw refused(
                    "%s: lora_A %s and lora_B %s change a map of %d to %d, and the base's is of %d to %d; "
                            + "the adapter is for another base",
                    pair.target().path(),
                    down,
                    up,
                    down.sizes().get(1),
                    up.sizes().get(0),
                    module.in(),
                    module.out());
        }
        if (rank != pair.target().rank()) {
            throw refused(
                    "%s: the factors have rank %d, and adapter_config.json says %d (r or rank_pattern)",
                    pair.target().path(), rank, pair.target().rank());
        }
    }

    private Shape matrix(String name) {
        Shape shape = shapes.get(name);
        if (shape == null || shape.sizes().size() != 2) {
            boolean fused = shape != null && shape.sizes().size() == 3;
            throw refused(
                    "tensor %s has shape %s, expected a matrix%s",
                    name, shape, fused ? "; fused projections of PEFT before 0.3 are not read" : "");
        }
        return shape;
    }

    private static String transposed(ModelModule module, Shape down, Shape up) {
        boolean swapped = down.sizes().get(0) == module.in() && up.sizes().get(1) == module.out();
        return swapped ? "; they are transposed, as mlx-lm stores them" : "";
    }

    private static String listed(List<String> names) {
        String first = names.stream().limit(MOST_LISTED).collect(Collectors.joining(", "));
        return names.size() <= MOST_LISTED ? first : first + " and " + (names.size() - MOST_LISTED) + " more";
    }

    @FormatMethod
    private InlayException refused(@FormatString String format, @Nullable Object... arguments) {
        return InlayException.adapter("%s: %s", source, String.format(Locale.ROOT, format, arguments));
    }
}
