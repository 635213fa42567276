package dev.inlay.app.cli;

import dev.inlay.engine.FreeMemory;
import dev.inlay.training.MemoryPlan;
import dev.inlay.training.TrainingOptions;
import dev.inlay.training.data.Examples;
import dev.inlay.training.data.Units;
import java.util.Locale;

/** What the plans of {@code train} and {@code pretrain} show alike. */
record PlanSections(Console console) {
    void line(String name, String value) {
        console.result(String.format(Locale.ROOT, "  %-12s %s", name, value));
    }

    void data(String part, Examples examples) {
        console.result("  " + part);
        examples.report().lines().forEach(text -> console.result("    " + text));
    }

    /** What runs through the maps, and all together against what is free. */
    void memory(MemoryPlan memory, FreeMemory free) {
        line("activations", Numbers.bytes(memory.activations()));
        line("logits", Numbers.bytes(memory.logits()));
        line("process", Numbers.bytes(memory.runtime()));
        line(
                "together",
                Numbers.bytes(memory.total()) + " of " + Numbers.bytes(free.bytes()) + " free (" + free.source() + ")");
        line("largest unit", String.format(Locale.ROOT, "%,d tokens would fit", memory.largestUnit(free)));
    }

    void work(WorkPlan work, TrainingOptions options, Units units) {
        console.result("Work");
        line(
                "steps",
                String.format(Locale.ROOT, "%,d, of which an epoch has %,d", options.steps(), units.stepsPerEpoch()));
        line("time", work.toString());
    }
}
