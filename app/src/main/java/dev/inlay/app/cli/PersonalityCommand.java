package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.app.experiments.personality.SampleChats;
import dev.inlay.app.experiments.personality.SampleFilter;
import dev.inlay.app.experiments.personality.SampleReader;
import dev.inlay.app.experiments.personality.Samples;
import dev.inlay.app.experiments.personality.TaskSplit;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay personality}: makes rows of the published data of Split Personality Training. */
@Command(
        name = "personality",
        description = {
            "Make rows to train and evaluate on of the published data of Split Personality Training: an answer, a question",
            "about it, and a review that ends in FLAG: PASS or FLAG: FAIL. Filtered as published; says what is left out."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required or has a default
final class PersonalityCommand implements Callable<Integer> {
    private final Console console;

    @Option(
            names = "--data",
            required = true,
            paramLabel = "PATH",
            description = "A batch (.json), records (.jsonl), or a directory of them.")
    private Path data;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The directory to write.")
    private Path out;

    @Option(
            names = "--answers-of",
            split = ",",
            paramLabel = "NAME",
            description = "Models as the data name them, such as google/gemma-3-12b-it: review their answers alone."
                    + " Default: those of all models.")
    private Set<String> models = Set.of();

    @Option(
            names = "--held-out",
            paramLabel = "SHARE",
            defaultValue = "0.1",
            description = "Share of the tasks that are held out; all rows of a task are on one side."
                    + " Default: ${DEFAULT-VALUE}.")
    private double heldOut;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    ConfigOption config = new ConfigOption();

    PersonalityCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        TaskSplit split = new TaskSplit(heldOut, seed);
        Samples samples = SampleReader.read(data).keep(SampleFilter.PUBLISHED.answersOf(models));
        samples.lines().forEach(console::note);
        Map<String, Object> settings = Map.of(
                "data",
                data.toString(),
                "answers-of",
                List.copyOf(new TreeSet<>(models)),
                "held-out",
                heldOut,
                "seed",
                seed);
        TaskSplit.Sides sides = SampleChats.write(out, samples, split, settings);
        console.result(
                "train " + sides.train().size() + " rows, valid " + sides.held().size());
        console.result("wrote " + out);
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        object.put("directory", out.toString());
        object.put("train", sides.train().size());
        object.put("valid", sides.held().size());
        ObjectNode dropped = object.putObject("left_out");
        samples.dropped().forEach(dropped::put);
        console.result(object);
        return 0;
    }
}
