package dev.inlay.app.cli;

import dev.inlay.model.DecoderConfig;
import dev.inlay.training.FreeMemory;
import dev.inlay.training.MemoryPlan;
import dev.inlay.training.data.Examples;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What is shown before the first step of training from scratch: the model, the data, the memory; in this order. */
record PretrainPlan(
        PretrainPrepared prepared, Configuration configuration, MemoryPlan memory, FreeMemory free, WorkPlan work) {
    void show(Console console) {
        model(console);
        console.result("Data");
        List<Path> sources =
                prepared.data().stream().map(each -> each.files().get(0).path()).toList();
        for (int i = 0; i < sources.size(); i++) {
            report(
                    console,
                    sources.get(i) + ", training",
                    prepared.data().get(i).train());
            String held = sources.get(i) + ", validation";
            prepared.data().get(i).held().ifPresent(examples -> report(console, held, examples));
        }
        memory(console);
    }

    private void model(Console console) {
        DecoderConfig config = prepared.architecture().config();
        console.result("Model");
        line(console, "family", config.family());
        line(
                console,
                "parameters",
                String.format(Locale.ROOT, "%,d", prepared.architecture().count()));
        line(console, "shape", ModelInfo.shape(config));
        line(console, "context", String.format(Locale.ROOT, "%,d tokens", config.contextLength()));
        line(
                console,
                "computed in",
                prepared.type().name().toLowerCase(Locale.ROOT) + ", " + prepared.threads() + " threads");
        line(
                console,
                "seeds",
                String.format(
                        Locale.ROOT,
                        "initialisation %d, data %d",
                        prepared.seeds().initialisation(),
                        prepared.seeds().data()));
        configuration.box().forEach(console::result);
    }

    private static void report(Console console, String part, Examples examples) {
        console.result("  " + part);
        examples.report().lines().forEach(text -> console.result("    " + text));
    }

    private void memory(Console console) {
        console.result("Memory plan");
        line(console, "weights", Numbers.bytes(memory.trained()) + ", gradients and both moments of AdamW included");
        line(console, "activations", Numbers.bytes(memory.activations()));
        line(console, "logits", Numbers.bytes(memory.logits()));
        line(
                console,
                "together",
                Numbers.bytes(memory.total()) + " of " + Numbers.bytes(free.bytes()) + " free (" + free.source() + ")");
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
