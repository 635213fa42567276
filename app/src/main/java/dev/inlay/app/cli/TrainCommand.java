package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.engine.FreeMemory;
import dev.inlay.engine.Workers;
import dev.inlay.training.MemoryPlan;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
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

    /** The command with these words after its name, not run yet. */
    static TrainCommand of(Console console, List<String> words) {
        TrainCommand command = new TrainCommand(console);
        new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(words.toArray(String[]::new));
        return command;
    }

    @Override
    public Integer call() {
        ObjectNode result = run(plan -> plan.show(console, isPlan()));
        if (!isPlan()) {
            console.result("next: inlay generate --model " + settings.model + " --adapter "
                    + result.path(EndReport.ADAPTER).asText() + " --prompt \"...\"");
        }
        console.result(result);
        return 0;
    }

    /**
     * Does it, and returns the result for programs.
     *
     * @param before shows what is known before the first step
     */
    ObjectNode run(Consumer<PlanReport> before) {
        settings.adapter.resolve();
        Path directory = resume == null ? settings.place.of(settings.data.data) : resume;
        if (!isPlan() && resume == null) {
            RunName.requireFree(directory);
        }
        Configuration configuration = Configuration.of(spec);
        try (Prepared prepared = Prepared.of(settings);
                Workers workers = settings.threads.workers()) {
            MemoryPlan memory = prepared.memory();
            FreeMemory free = FreeMemory.now();
            WorkPlan work = WorkPlan.of(
                    prepared.units(), prepared.options().steps(), memory.work(), prepared.saving(), workers);
            before.accept(new PlanReport(prepared, configuration, memory, free, work));
            memory.requireWithin(free);
            return isPlan()
                    ? json(prepared, memory, free, work)
                    : new Training(prepared, configuration, directory, workers, console).run(resume != null);
        }
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
        object.put("prefix_bytes", prepared.prefixBytes());
        return object;
    }
}
