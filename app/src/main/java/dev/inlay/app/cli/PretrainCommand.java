package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.engine.FreeMemory;
import dev.inlay.engine.Workers;
import dev.inlay.training.MemoryPlan;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code inlay pretrain}: from a tokenizer and data to a model directory. */
@Command(
        name = "pretrain",
        description = {
            "Train a model from scratch, or go on with one: all its weights, on every token of the data.",
            "Ctrl-C finishes the step, saves a checkpoint and ends with code 7; --resume goes on from there."
        })
@SuppressWarnings("NullAway.Init") // picocli injects the specification
final class PretrainCommand implements Callable<Integer> {
    private final Console console;

    @Spec
    private CommandSpec spec;

    @Mixin
    private PretrainOptions settings = new PretrainOptions();

    @Option(
            names = "--resume",
            paramLabel = "RUN",
            description = "Go on with the run in this directory, with its settings.")
    private @Nullable Path resume;

    @Option(names = "--dry-run", description = "Everything up to the first step; writes nothing.")
    private boolean dryRun;

    PretrainCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Path directory = resume == null ? settings.place.of(settings.data.get(0)) : resume;
        if (!dryRun && resume == null) {
            RunName.requireFree(directory);
        }
        Configuration configuration = Configuration.of(spec);
        try (PretrainPrepared prepared = PretrainPrepared.of(settings);
                Workers workers = settings.threads.workers()) {
            prepared.start().ifPresent(model -> model.notes().forEach(console::warn));
            MemoryPlan memory = prepared.memory();
            FreeMemory free = FreeMemory.now();
            WorkPlan work = WorkPlan.of(prepared.units(), prepared.options().steps(), memory.work(), 1, workers);
            if (dryRun || !console.isQuiet()) {
                new PretrainPlan(prepared, configuration, memory, free, work).show(console);
            }
            memory.requireWithin(free);
            if (dryRun) {
                console.result(json(prepared, memory, free, work));
                return 0;
            }
            new Pretraining(prepared, configuration, directory, workers, console).run(resume != null);
        }
        return 0;
    }

    private static ObjectNode json(PretrainPrepared prepared, MemoryPlan memory, FreeMemory free, WorkPlan work) {
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        object.put("steps", prepared.options().steps());
        object.put("tokens", work.tokens());
        object.put("parameters", prepared.architecture().count());
        object.put("memory_bytes", memory.total());
        object.put("free_bytes", free.bytes());
        object.put("seconds", work.seconds());
        return object;
    }
}
