package dev.inlay.adapter.exchange;

import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.AdapterSummary;
import dev.inlay.adapter.AdapterSummary.SiteChange;
import dev.inlay.adapter.LogitDifference;
import dev.inlay.adapter.Probe;
import dev.inlay.adapter.peft.Allowance;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.LoadedAdapter;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.adapter.peft.PeftProblems;
import dev.inlay.adapter.peft.Provenance;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.model.Decoder;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Site;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whether an adapter fits a model and changes it.
 *
 * @param problems why it cannot be used, one line each
 * @param notes what a user should know
 * @param expected modules that its configuration selects
 * @param matched those of them that have what they need
 * @param origin what it was trained with, beside what the model has; empty if the file does not say
 * @param kinds what it changes, by kind of module; empty with problems
 * @param effect what it changes in the logits of {@link Probe} rows; empty with problems
 */
public record AdapterCheck(
        List<String> problems,
        List<String> notes,
        int expected,
        int matched,
        List<Provenance.Comparison> origin,
        List<KindChange> kinds,
        Optional<LogitDifference> effect) {
    public AdapterCheck {
        problems = List.copyOf(problems);
        notes = List.copyOf(notes);
        origin = List.copyOf(origin);
        kinds = List.copyOf(kinds);
    }

    /**
     * The changes of all modules of one name.
     *
     * @param name last segment of their paths
     * @param modules how many are adapted
     * @param unchanged how many of these have a factor that is zero
     * @param largest the largest {@code |change| / |weight|} of them
     * @param at where it is
     */
    public record KindChange(String name, int modules, int unchanged, double largest, Site at) {}

    /** Reads the adapter strictly, measures it and runs the probe; the model's files must be sound. */
    public static AdapterCheck of(Path adapter, ModelDirectory model, Set<Allowance> allowed) {
        BaseModel base = BaseModel.of(model);
        PeftProblems.Found found = PeftProblems.of(adapter, base, allowed);
        List<Provenance.Comparison> origin =
                found.provenance().map(made -> made.compare(base)).orElse(List.of());
        if (!found.problems().isEmpty()) {
            return new AdapterCheck(
                    found.problems(),
                    List.of(),
                    found.expected(),
                    found.matched(),
                    origin,
                    List.of(),
                    Optional.empty());
        }
        try (Scope scope = Scope.open();
                Decoder decoder = model.load(Device.CPU)) {
            LoadedAdapter loaded = PeftDirectory.read(adapter, base, allowed);
            AdapterSummary summary = AdapterSummary.of(
                    Adapter.of(loaded.parts().factors()),
                    site -> decoder.weight(site).norm());
            LogitDifference effect = Probe.of(model.config()).effect(decoder, loaded.parts());
            return new AdapterCheck(
                    effectless(effect),
                    loaded.notes(),
                    found.expected(),
                    found.matched(),
                    origin,
                    kinds(summary, base.sites()),
                    Optional.of(effect));
        }
    }

    private static List<String> effectless(LogitDifference effect) {
        if (effect.isZero()) {
            return List.of("the adapter changes none of the probed logits: it has no effect on this model");
        }
        return Double.isFinite(effect.divergence())
                ? List.of()
                : List.of("with the adapter the model's logits are not finite; do not use it");
    }

    private static List<KindChange> kinds(AdapterSummary summary, List<LinearSite> sites) {
        Map<Site, String> names = new LinkedHashMap<>();
        sites.forEach(site ->
                names.put(site.site(), site.path().substring(site.path().lastIndexOf('.') + 1)));
        Map<String, List<SiteChange>> byName = new LinkedHashMap<>();
        summary.sites()
                .forEach(change -> byName.computeIfAbsent(
                                String.valueOf(names.get(change.site())), name -> new ArrayList<>())
                        .add(change));
        List<KindChange> kinds = new ArrayList<>();
        byName.forEach((name, changes) -> {
            SiteChange largest = new AdapterSummary(changes).largest();
            int unchanged = new AdapterSummary(changes).unchanged().size();
            kinds.add(new KindChange(name, changes.size(), unchanged, largest.relative(), largest.site()));
        });
        return kinds;
    }

    /** Whether it can be loaded and does something. */
    public boolean isGood() {
        return problems.isEmpty();
    }
}
