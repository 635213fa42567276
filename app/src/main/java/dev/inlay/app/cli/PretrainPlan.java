package dev.inlay.app.cli;

import dev.inlay.engine.FreeMemory;
import dev.inlay.model.DecoderConfig;
import dev.inlay.training.MemoryPlan;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What is shown before the first step of training from scratch: the model, the data, the memory; in this order. */
record PretrainPlan(
        PretrainPrepared prepared, Configuration configuration, MemoryPlan memory, FreeMemory free, WorkPlan work) {
    void show(Console console) {
        PlanSections sections = new PlanSections(console);
        model(console, sections);
        console.result("Data");
        List<Path> sources =
                prepared.data().stream().map(each -> each.files().get(0).path()).toList();
        for (int i = 0; i < sources.size(); i++) {
            sections.data(sources.get(i) + ", training", prepared.data().get(i).train());
            String held = sources.get(i) + ", validation";
            prepared.data().get(i).held().ifPresent(examples -> sections.data(held, examples));
        }
        console.result("Memory plan");
        sections.line("weights", Numbers.bytes(memory.trained()) + ", gradients and both moments of AdamW included");
        sections.memory(memory, free);
        sections.work(work, prepared.options(), prepared.units());
    }

    private void model(Console console, PlanSections sections) {
        DecoderConfig config = prepared.architecture().config();
        console.result("Model");
        sections.line("family", config.family());
        sections.line(
                "parameters",
                String.format(Locale.ROOT, "%,d", prepared.architecture().count()));
        prepared.start().ifPresent(model -> sections.line("goes on from", String.valueOf(model.path())));
        sections.line("shape", ModelInfo.shape(config));
        sections.line("context", String.format(Locale.ROOT, "%,d tokens", config.contextLength()));
        sections.line(
                "computed in",
                prepared.type().name().toLowerCase(Locale.ROOT) + ", " + prepared.threads() + " threads");
        sections.line(
                "seeds",
                String.format(
                        Locale.ROOT,
                        "initialisation %d, data %d",
                        prepared.seeds().initialisation(),
                        prepared.seeds().data()));
        configuration.box().forEach(console::result);
    }
}
