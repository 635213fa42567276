package dev.inlay.app.cli;

import dev.inlay.adapter.peft.Target;
import dev.inlay.app.report.Description.Modules;
import dev.inlay.model.LinearSite;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The adapted maps of a run, one row for each name and shape. */
final class AdapterTable {
    private AdapterTable() {}

    static List<Modules> of(Prepared prepared) {
        Map<String, List<LinearSite>> all = new LinkedHashMap<>();
        prepared.base()
                .sites()
                .forEach(site -> all.computeIfAbsent(
                                leaf(site) + site.in() + "x" + site.out(), kind -> new ArrayList<>())
                        .add(site));
        List<Modules> rows = new ArrayList<>();
        all.values().forEach(sites -> row(sites, prepared.targets()).ifPresent(rows::add));
        return rows;
    }

    private static Optional<Modules> row(List<LinearSite> sites, Map<LinearSite, Target> targets) {
        List<LinearSite> matched = sites.stream().filter(targets::containsKey).toList();
        if (matched.isEmpty()) {
            return Optional.empty();
        }
        LinearSite first = matched.get(0);
        long parameters = matched.stream()
                .mapToLong(site -> rank(site, targets) * (site.in() + (long) site.out()))
                .sum();
        return Optional.of(new Modules(
                leaf(first), matched.size(), sites.size(), rank(first, targets), first.in(), first.out(), parameters));
    }

    private static long rank(LinearSite site, Map<LinearSite, Target> targets) {
        Target target = targets.get(site);
        return target == null ? 0 : target.rank();
    }

    private static String leaf(LinearSite site) {
        return site.path().substring(site.path().lastIndexOf('.') + 1);
    }
}
