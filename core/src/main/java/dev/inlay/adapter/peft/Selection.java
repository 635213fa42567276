package dev.inlay.adapter.peft;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which modules an adapter changes.
 *
 * @param targets {@code target_modules}
 * @param excluded {@code exclude_modules}, asked first
 * @param layers filter on the layer's number; a target given by its exact path is not subject to it
 */
public record Selection(Selector targets, Selector excluded, LayerFilter layers) {
    /** The modules of these names or path ends, in every layer. */
    public static Selection of(Selector targets) {
        return new Selection(targets, Selector.NOTHING, LayerFilter.NONE);
    }

    /** Exactly these modules: by their last names if these select no others, else by their full paths. */
    public static Selection covering(Collection<String> paths, ModuleTree tree) {
        Selector.Names leaves = new Selector.Names(paths.stream()
                .map(path -> path.substring(path.lastIndexOf('.') + 1))
                .toList());
        Set<String> selected = tree.modules().stream()
                .filter(leaves::selects)
                .map(ModelModule::path)
                .collect(Collectors.toSet());
        return of(selected.equals(Set.copyOf(paths)) ? leaves : new Selector.Names(List.copyOf(paths)));
    }
}
