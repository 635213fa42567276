package dev.inlay.app.cli;

import dev.inlay.app.report.Description.Modules;
import dev.inlay.engine.FreeMemory;
import dev.inlay.model.Segments;
import dev.inlay.model.Site;
import dev.inlay.training.MemoryPlan;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.ExampleView;
import java.util.Locale;

/** What is shown before the first step: what was found, the data, the adapter, the memory; in this order. */
record PlanReport(Prepared prepared, Configuration configuration, MemoryPlan memory, FreeMemory free, WorkPlan work) {
    private static final int SHOWN_TOKENS = 120;

    /** @param isResult whether this is what the command was called for */
    void show(Console console, boolean isResult) {
        if (console.isQuiet() && !isResult) {
            return;
        }
        found(console);
        data(console);
        adapter(console);
        gate(console);
        memory(console);
    }

    private void found(Console console) {
        console.result("Found");
        ModelInfo.of(prepared.model().path(), console)
                .fields()
                .forEach((name, value) -> new PlanSections(console).line(name, value));
        new PlanSections(console)
                .line(
                        "computed in",
                        prepared.type().name().toLowerCase(Locale.ROOT) + " on " + prepared.device() + ", "
                                + prepared.threads() + " threads");
        new PlanSections(console)
                .line(
                        "seeds",
                        String.format(
                                Locale.ROOT,
                                "initialisation %d, data %d, dropout %d",
                                prepared.seeds().initialisation(),
                                prepared.seeds().data(),
                                prepared.options().dropoutSeed()));
        configuration.box().forEach(console::result);
    }

    /** The rows, and how the first of them is learned. */
    void data(Console console) {
        console.result("Data");
        PlanSections sections = new PlanSections(console);
        sections.data("training", prepared.data().train());
        prepared.data().held().ifPresent(held -> sections.data("validation", held));
        Example first = prepared.data().train().list().get(0);
        ExampleView view =
                console.isColoured() ? ExampleView.colours(SHOWN_TOKENS) : ExampleView.brackets(SHOWN_TOKENS);
        Segments gate = prepared.config().beside().gate().over(first.reading());
        console.result(String.format(
                Locale.ROOT,
                "  first example (line %d, %,d tokens, %,d of them learned): %s",
                first.line(),
                first.length(),
                first.targets(),
                view.legend(gate)));
        view.of(first, gate, prepared.tokenizer()).lines().forEach(text -> console.result("    " + text));
    }

    /** The maps that change. */
    void adapter(Console console) {
        console.result("Adapter");
        console.result(String.format(
                Locale.ROOT, "  %-12s %9s %6s %16s %14s", "modules", "layers", "rank", "in -> out", "parameters"));
        AdapterTable.of(prepared).forEach(each -> console.result(row(each)));
        long trained = memory.work().adapterParameters();
        long parameters = ModelInfo.parameters(prepared.model().path());
        long expected = prepared.base().sites().stream()
                .filter(site -> site.site().layer() >= 0)
                .count();
        console.result(String.format(
                Locale.ROOT,
                "  trainable parameters: %,d of %,d (%.3f%%)",
                trained,
                parameters + trained,
                100.0 * trained / (parameters + trained)));
        console.result(String.format(
                Locale.ROOT,
                "  matched %d of %d linear maps%s",
                prepared.targets().size(),
                expected,
                prepared.targets().keySet().stream()
                                .anyMatch(site -> site.site().equals(Site.HEAD))
                        ? " (the head is one more)"
                        : " (the head is not counted)"));
    }

    private void gate(Console console) {
        prepared.gate().ifPresent(report -> {
            console.result("Gate");
            console.result("  " + prepared.config().beside().gate());
            report.lines().forEach(text -> console.result("  " + text));
            console.result(String.format(
                    Locale.ROOT,
                    "  work: %.2f times less than whole rows (--prefixes %s)",
                    prepared.saving(),
                    prepared.prefixes().use));
            report.warnings().forEach(console::warn);
            int unsplit = report.unsplit(prepared.model().config());
            if (unsplit > 0 && prepared.prefixes().use != PrefixUse.WHOLE) {
                console.warn(unsplit + " rows are recorded whole: the model turns positions of a row of their length"
                        + " otherwise than those of its beginning");
            }
        });
    }

    private static String row(Modules modules) {
        return String.format(
                Locale.ROOT,
                "  %-12s %9s %6d %16s %,14d",
                modules.name(),
                modules.layers() + " of " + modules.all(),
                modules.rank(),
                modules.in() + " -> " + modules.out(),
                modules.parameters());
    }

    private void memory(Console console) {
        console.result("Memory plan");
        new PlanSections(console).line("weights", Numbers.bytes(memory.weights()));
        new PlanSections(console)
                .line("adapter", Numbers.bytes(memory.trained()) + ", gradients and both moments of AdamW included");
        PlanSections sections = new PlanSections(console);
        sections.memory(memory, free);
        long prefixes = prepared.prefixBytes();
        if (prefixes > 0) {
            long room = prepared.prefixes().room(free);
            sections.line(
                    "prefixes",
                    Numbers.bytes(prefixes) + " of keys and values"
                            + (prefixes > room
                                    ? ", of which " + Numbers.bytes(room) + " are kept and the rest is read again"
                                    : ", kept beside that"));
        }
        sections.work(work, prepared.options(), prepared.units());
    }
}
