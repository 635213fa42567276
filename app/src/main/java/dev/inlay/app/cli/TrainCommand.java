package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.engine.Workers;
import dev.inlay.training.FreeMemory;
import dev.inlay.training.MemoryPlan;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code inlay train}: from a model directory and data to a verified adapter. */
@Command(
        name = "train",
        description = {
            "Train an adapter (LoRA) and prove that it works.",
            "Ctrl-C finishes the step, saves a checkpoint and ends with code 7; --resume goes on from there."
        })
@SuppressWarnings("NullAway.Init") // picocli injects the specification
class TrainCommand implements Callable<Integer> {
    private final Console console;

    @Spec
    private CommandSpec spec;

    @Mixin
    private TrainOptions settings = new TrainOptions();

    @Option(
            names = "--resume",
            paramLabel = "RUN",
            description = "Go on with the run in this directory, with its settings.")
    private @Nullable Path resume;

    @Option(names = "--dry-run", description = "As the command plan: everything up to the first step; writes nothing.")
    private boolean dryRun;

    TrainCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        settings.adapter.resolve();
        Path directory = resume == null ? RunName.of(settings.out, settings.name, settings.data.data) : resume;
        if (!isPlan() && resume == null) {
            RunName.requireFree(directory);
        }
        Configuration configuration = Configuration.of(spec);
        try (Prepared prepared = Prepared.of(settings);
                Workers workers = settings.threads.workers()) {
            MemoryPlan memory = prepared.memory();
            FreeMemory free = FreeMemory.now();
            WorkPlan work = WorkPlan.of(prepared.units(), prepared.options().steps(), memory.work(), workers);
            new PlanReport(prepared, configuration, memory, free, work).show(console, isPlan());
            memory.requireWithin(free);
            if (isPlan()) {
                console.result(json(prepared, memory, free, work));
                return 0;
            }
            new Training(prepared, configuration, directory, workers, console).run(resume != null);
        }
        return 0;
    }

    /** Whether to end before the first step. */
    boolean isPlan() {
        return dryRun;
    }

    private static ObjectNode json(Prepared prepared, MemoryPlan memory, FreeMemory free, WorkPlan work) {
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        object.put("steps", prepared.options().steps());
        object.put("examples", prepared.data().train().list().size());
        object.put("tokens", work.tokens());
        object.put("parameters", memory.work().adapterParameters());
        object.put("memory_bytes", memory.total());
        object.put("free_bytes", free.bytes());
        object.put("largest_unit_tokens", memory.largestUnit(free));
        object.put("seconds", work.seconds());
        return object;
    }
}
