package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import dev.inlay.adapter.peft.ModelModule.Kind;
import java.util.ArrayList;
import java.util.Comparator;
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

    /** What a configuration means in a base, the head that is tied to an adapted embedding among it. */
    static Matching match(BaseModel base, PeftConfig config) {
        ModuleTree tree = ModuleTree.of(base);
        Beside beside = config.beside();
        Matching matching = new ModuleMatcher(tree).match(config.selection(), config.ranks(), beside);
        boolean embedding = matching.targets().stream().anyMatch(t -> t.module().kind() == Kind.EMBEDDING);
        if (!embedding || !beside.tied() || !base.tiedHead()) {
            return matching;
        }
        if (!(config.selection().targets() instanceof Selector.Names)) {
            throw InlayException.adapter(
                    "ensure_weight_tying is set, and target_modules is no list of names: PEFT ties by names only");
        }
        List<Target> targets = new ArrayList<>(matching.targets());
        if (targets.stream().noneMatch(target -> target.module().head())) {
            tree.modules().stream()
                    .filter(ModelModule::head)
                    .forEach(head -> targets.add(new ModuleMatcher(tree).target(head, config.ranks())));
        }
        return new Matching(targets, matching.idle());
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
        return match(selection, ranks, Beside.NOTHING);
    }

    /**
     * As {@link #match(Selection, Ranks)}, with the maps that are selected by their weights ({@code target_parameters}), less
     * those that were trained whole.
     */
    public Matching match(Selection selection, Ranks ranks, Beside beside) {
        Matching byWeight = byWeight(beside, ranks);
        if (selection.targets().equals(Selector.NOTHING)) {
            return byWeight;
        }
        Matching byName = byName(selection, ranks, beside);
        List<Target> all = new ArrayList<>(byName.targets());
        for (Target target : byWeight.targets()) {
            if (all.stream().anyMatch(other -> other.path().equals(target.path()))) {
                throw InlayException.adapter(
                        "%s is selected by target_modules and by target_parameters; PEFT has no such adapter",
                        target.path());
            }
            all.add(target);
        }
        all.sort(Comparator.comparingInt(target -> tree.modules().indexOf(target.module())));
        return new Matching(all, byName.idle());
    }

    private Matching byWeight(Beside beside, Ranks ranks) {
        List<Target> targets = new ArrayList<>();
        for (ModelModule module : tree.modules()) {
            String weight = module.path() + ".weight";
            if (beside.parameters().stream().anyMatch(name -> Selector.Names.isEnd(name, weight))) {
                if (module.kind() != Kind.LINEAR) {
                    throw InlayException.adapter(
                            "target_parameters selects %s: only weights of linear maps stored [out, in] are adapted so",
                            weight);
                }
                targets.add(target(module, ranks));
            }
        }
        for (String name : beside.parameters()) {
            if (tree.modules().stream().noneMatch(module -> Selector.Names.isEnd(name, module.path() + ".weight"))) {
                throw InlayException.adapter(
                        "target_parameters \"%s\" is the weight of no module of this model; raw parameters, as mixtures"
                                + " of experts have them, are not adapted; found: %s",
                        name, tree.linearNames());
            }
        }
        return new Matching(targets, List.of());
    }

    private Matching byName(Selection selection, Ranks ranks, Beside beside) {
        Selector targets = resolved(selection.targets());
        List<ModelModule> named = tree.modules().stream()
                .filter(module -> !selection.excluded().selects(module))
                .filter(module -> !isSaved(module, beside))
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

    /** A module that is trained whole, or lies in one that is, has no low-rank change. */
    private static boolean isSaved(ModelModule module, Beside beside) {
        String path = "." + module.path() + ".";
        return beside.saved().stream().anyMatch(name -> path.contains("." + name + "."));
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
        if (!module.kind().adaptable()) {
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
