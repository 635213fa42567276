package dev.inlay.app.cli;

import dev.inlay.app.report.Description.Modules;
import dev.inlay.model.Segments;
import dev.inlay.model.Site;
import dev.inlay.training.FreeMemory;
import dev.inlay.training.MemoryPlan;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.ExampleView;
import dev.inlay.training.data.Examples;
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
        ModelInfo.of(prepared.model().path(), console).fields().forEach((name, value) -> line(console, name, value));
        line(
                console,
                "computed in",
                prepared.type().name().toLowerCase(Locale.ROOT) + " on " + prepared.device() + ", " + prepared.threads()
                        + " threads");
        line(
                console,
                "seeds",
                String.format(
                        Locale.ROOT,
                        "initialisation %d, data %d, dropout %d",
                        prepared.seeds().initialisation(),
                        prepared.seeds().data(),
                        prepared.options().dropoutSeed()));
        configuration.box().forEach(console::result);
    }

    private void data(Console console) {
        console.result("Data");
        report(console, "training", prepared.data().train());
        prepared.data().held().ifPresent(held -> report(console, "validation", held));
        Example first = prepared.data().train().list().get(0);
        ExampleView view =
                console.isColoured() ? ExampleView.colours(SHOWN_TOKENS) : ExampleView.brackets(SHOWN_TOKENS);
        console.result(String.format(
                Locale.ROOT,
                "  first example (line %d, %,d tokens, %,d of them learned): %s",
                first.line(),
                first.length(),
                first.targets(),
                view.words()));
        Segments gate = prepared.config().beside().gate().over(first.reading());
        view.of(first, gate, prepared.tokenizer()).lines().forEach(text -> console.result("    " + text));
    }

    private static void report(Console console, String part, Examples examples) {
        console.result("  " + part);
        examples.report().lines().forEach(text -> console.result("    " + text));
    }

    private void adapter(Console console) {
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
            report.warnings().forEach(console::warn);
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
        line(console, "weights", Numbers.bytes(memory.weights()));
        line(console, "adapter", Numbers.bytes(memory.trained()) + ", gradients and both moments of AdamW included");
        line(console, "activations", Numbers.bytes(memory.activations()));
        line(console, "logits", Numbers.bytes(memory.logits()));
        line(console, "process", Numbers.bytes(memory.runtime()));
        line(
                console,
                "together",
                Numbers.bytes(memory.total()) + " of " + Numbers.bytes(free.bytes()) + " free (" + free.source() + ")");
        line(console, "largest unit", String.format(Locale.ROOT, "%,d tokens would fit", memory.largestUnit(free)));
        console.result("Work");
        line(
                console,
                "steps",
                String.format(
                        Locale.ROOT,
                        "%,d, of which an epoch has %,d",
                        prepared.options().steps(),
                        prepared.units().stepsPerEpoch()));
        line(console, "time", work.toString());
    }

    private static void line(Console console, String name, String value) {
        console.result(String.format(Locale.ROOT, "  %-12s %s", name, value));
    }
}
