package dev.inlay.app.cli;

import dev.inlay.adapter.peft.Target;
import dev.inlay.app.report.Description.Modules;
import dev.inlay.model.LinearSite;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** The adapted maps of a run, one row for each name, shape and rank. */
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
        all.values().forEach(sites -> rows.addAll(rows(sites, prepared.targets())));
        return rows;
    }

    private static List<Modules> rows(List<LinearSite> sites, Map<LinearSite, Target> targets) {
        SortedMap<Integer, List<LinearSite>> byRank = new TreeMap<>();
        sites.stream()
                .filter(targets::containsKey)
                .forEach(site -> byRank.computeIfAbsent(rank(site, targets), rank -> new ArrayList<>())
                        .add(site));
        LinearSite first = sites.get(0);
        long sides = first.in() + (long) first.out();
        return byRank.entrySet().stream()
                .map(group -> new Modules(
                        leaf(first),
                        group.getValue().size(),
                        sites.size(),
                        group.getKey(),
                        first.in(),
                        first.out(),
                        group.getValue().size() * group.getKey() * sides))
                .toList();
    }

    private static int rank(LinearSite site, Map<LinearSite, Target> targets) {
        return Objects.requireNonNull(targets.get(site)).rank();
    }

    private static String leaf(LinearSite site) {
        return site.path().substring(site.path().lastIndexOf('.') + 1);
    }
}
