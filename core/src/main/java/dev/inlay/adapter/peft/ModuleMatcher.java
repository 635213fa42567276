package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import dev.inlay.adapter.peft.ModelModule.Kind;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds the linear maps that a configuration means in a model, as PEFT finds them. */
public final class ModuleMatcher {
    private final ModuleTree tree;

    public ModuleMatcher(ModuleTree tree) {
        this.tree = tree;
    }

    /**
     * What a configuration means in a model.
     *
     * @param targets the maps in the model's order, at least one
     * @param idle names among the targets that select nothing
     */
    public record Matching(List<Target> targets, List<String> idle) {}

    /**
     * Resolves the selection, and rank and scale of every map selected. It is an error if nothing is selected, something
     * that is no linear map, or a map smaller than its rank.
     */
    public Matching match(Selection selection, Ranks ranks) {
        Selector targets = resolved(selection.targets());
        List<ModelModule> named = tree.modules().stream()
                .filter(module -> !selection.excluded().selects(module))
                .filter(targets::selects)
                .toList();
        List<ModelModule> chosen = named.stream()
                .filter(module -> selection.layers().passes(module.path()) || isExact(targets, module))
                .toList();
        if (chosen.isEmpty()) {
            throw nothing(targets, selection, !named.isEmpty());
        }
        List<Target> matched =
                chosen.stream().map(module -> target(module, ranks)).toList();
        return new Matching(matched, idle(targets, chosen));
    }

    private Selector resolved(Selector targets) {
        if (!(targets instanceof Selector.FamilyDefault)) {
            return targets;
        }
        return new Selector.Names(tree.usualTargets()
                .orElseThrow(() -> InlayException.adapter(
                        "target_modules is absent, and there is no usual choice for the family %s; found: %s",
                        tree.family(), tree.linearNames())));
    }

    private static boolean isExact(Selector targets, ModelModule module) {
        return targets instanceof Selector.Names names && names.namesExactly(module);
    }

    private Target target(ModelModule module, Ranks ranks) {
        if (!module.kind().linear()) {
            throw notLinear(module);
        }
        int rank = ranks.rankOf(module.path());
        long smaller = Math.min(module.in(), module.out());
        if (rank > smaller) {
            throw InlayException.adapter(
                    "rank %d exceeds the smaller side of %s (%d x %d); choose a rank of at most %d",
                    rank, module.path(), module.out(), module.in(), smaller);
        }
        return new Target(module, rank, ranks.alphaOf(module.path()), ranks.scaleOf(module.path()));
    }

    private InlayException notLinear(ModelModule module) {
        if (module.kind() == Kind.EMBEDDING) {
            return InlayException.adapter(
                    "target \"%s\" is an embedding; only linear maps are adapted: %s",
                    module.path(), tree.linearNames());
        }
        List<ModelModule> inside = tree.modules().stream()
                .filter(other -> other.path().startsWith(module.path() + "."))
                .filter(other -> other.kind().linear())
                .toList();
        return InlayException.adapter(
                "target \"%s\" is no linear map%s; choose from %s",
                module.path(),
                inside.isEmpty() ? "" : " but a block that contains " + leaves(inside),
                tree.linearNames());
    }

    private InlayException nothing(Selector targets, Selection selection, boolean filteredByLayer) {
        if (filteredByLayer) {
            return InlayException.adapter(
                    "target modules %s are in the model, but in none of the layers %s%s",
                    shown(targets),
                    selection.layers().layers(),
                    selection.layers().lists().isEmpty()
                            ? ""
                            : " of a list called " + selection.layers().lists());
        }
        if (tree.modules().stream().anyMatch(targets::selects)) {
            return InlayException.adapter(
                    "target modules %s are all excluded by exclude_modules %s",
                    shown(targets), shown(selection.excluded()));
        }
        List<String> nearest = targets instanceof Selector.Names names
                ? names.names().stream()
                        .map(this::nearest)
                        .flatMap(Optional::stream)
                        .distinct()
                        .limit(5)
                        .toList()
                : List.of();
        return InlayException.adapter(
                        "target module %s matches nothing in this model; found: %s", shown(targets), tree.linearNames())
                .expected(tree.linearNames().toString())
                .found(shown(targets))
                .nearest(nearest);
    }

    /** The linear map's name, or its path if a path was given, that is nearest to the name. */
    private Optional<String> nearest(String name) {
        Set<String> candidates = new LinkedHashSet<>();
        for (ModelModule module : tree.modules()) {
            if (module.kind().linear()) {
                candidates.add(name.contains(".") ? module.path() : module.leaf());
            }
        }
        return Nearest.to(name, candidates);
    }

    private List<String> idle(Selector targets, List<ModelModule> chosen) {
        if (!(targets instanceof Selector.Names names)) {
            return List.of();
        }
        List<String> idle = new ArrayList<>(names.names());
        chosen.forEach(module -> idle.removeIf(name -> Selector.Names.isEnd(name, module.path())));
        return List.copyOf(idle);
    }

    private static String shown(Selector selector) {
        if (selector instanceof Selector.Names names) {
            return names.names().stream().map(name -> "\"" + name + "\"").collect(Collectors.joining(", "));
        }
        return selector instanceof Selector.Expression expression ? "\"" + expression.pattern() + "\"" : "all-linear";
    }

    private static String leaves(List<ModelModule> modules) {
        return modules.stream().map(ModelModule::leaf).distinct().collect(Collectors.joining(", "));
    }
}
