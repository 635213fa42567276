package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import dev.inlay.model.LinearSite;
import dev.inlay.model.Site;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which maps {@code modules_to_save} means: modules whose paths end in one of the names, and what they contain. */
final class SavedModules {
    private SavedModules() {}

    /** Paths of the maps, the embedding among them. */
    static Set<String> of(BaseModel base, Beside beside) {
        Set<String> paths = new LinkedHashSet<>();
        for (String name : beside.saved()) {
            for (LinearSite place : base.sites()) {
                if (isIn(place.path(), name)) {
                    paths.add(place.path());
                } else if (place.path().endsWith(name)) {
                    throw InlayException.adapter(
                            "modules_to_save \"%s\" is the end of a name, %s; write the whole name",
                            name, place.path());
                }
            }
        }
        if (beside.tied() && base.tiedHead() && paths.contains(path(base, Site.EMBEDDING))) {
            paths.add(path(base, Site.HEAD));
        }
        return paths;
    }

    /** Names that mean no map of this base: norms, or nothing. */
    static List<String> idle(BaseModel base, Beside beside) {
        return beside.saved().stream()
                .filter(name -> base.sites().stream().noneMatch(place -> isIn(place.path(), name)))
                .toList();
    }

    /** Whether the module's path ends in the name, or that of a module around it. */
    private static boolean isIn(String path, String name) {
        return ("." + path + ".").contains("." + name + ".");
    }

    static String path(BaseModel base, Site site) {
        return base.sites().stream()
                .filter(place -> place.site().equals(site))
                .map(LinearSite::path)
                .findFirst()
                .orElse("");
    }
}
