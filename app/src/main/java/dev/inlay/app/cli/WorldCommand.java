package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.app.experiments.world.Register;
import dev.inlay.app.experiments.world.RegisterSummary;
import dev.inlay.app.experiments.world.Samples;
import dev.inlay.app.experiments.world.WorldOptions;
import dev.inlay.app.experiments.world.WorldRun;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay world}: writes texts of the small world, with the truth about each. */
@Command(
        name = "world",
        description = {
            "Write texts of a small English-like world, with the truth about each: topics, sentiment, facts, entropy.",
            "Rows to train on, labels line by line, and the floors that a model's loss is compared with."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required or has a default
final class WorldCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--out", paramLabel = "DIR", description = "The directory to write.")
    private @Nullable Path out;

    @Option(
            names = "--register",
            split = ",",
            paramLabel = "NAME",
            description =
                    "Registers: story, entry, review, route, roll, notice, week, guild, team, instruction, chat, shop,"
                            + " key-read, key-computed, key-hidden. Default: all but the keys.")
    private @Nullable List<String> registers;

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "20000",
            description = "Training rows of each form, text and chat. Default: ${DEFAULT-VALUE}.")
    private long rows;

    @Option(
            names = "--held-out",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Rows of each other split. Default: ${DEFAULT-VALUE}.")
    private long heldOut;

    @Option(
            names = "--world",
            paramLabel = "ID",
            description = "All texts tell of this one world, so that its facts can be learned."
                    + " Default: each text has a world of its own.")
    private @Nullable Long world;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    ConfigOption config = new ConfigOption();

    private WorldCommand(Console console) {
        this.console = console;
    }

    /** With the commands that stand below it. */
    static CommandLine line(Console console) {
        return new CommandLine(new WorldCommand(console))
                .addSubcommand(new WorldBaselinesCommand(console))
                .addSubcommand(new WorldFloorsCommand(console))
                .addSubcommand(new WorldGrammarCommand(console));
    }

    @Override
    public Integer call() {
        if (out == null) { // required, but not for the commands below this one
            throw InlayException.usage("--out is missing: the directory to write")
                    .attempt("inlay world --out small-world");
        }
        write(out);
        return 0;
    }

    private void write(Path directory) {
        WorldOptions options = new WorldOptions(
                registers == null
                        ? Register.WORLD
                        : registers.stream().map(Register::named).toList(),
                rows,
                heldOut,
                seed,
                world == null ? OptionalLong.empty() : OptionalLong.of(world));
        List<RegisterSummary> summaries;
        try (WorkBar bar = new WorkBar(console, "world", options.texts())) {
            summaries = WorldRun.write(directory, options, bar);
        }
        show(directory, options, summaries);
    }

    private void show(Path directory, WorldOptions options, List<RegisterSummary> summaries) {
        console.result("Floors, in nats per text (exact; of these rows with standard error; knowing the world)");
        console.result(String.format(
                Locale.ROOT,
                "  %-20s %-12s %8s %10s %8s %16s %8s %9s",
                "split",
                "register",
                "rows",
                "words",
                "exact",
                "these rows",
                "knowing",
                "nats/word"));
        summaries.forEach(each -> console.result(line(each)));
        for (Register register : options.registers()) {
            console.result("Sample of " + register);
            Samples.text(options, register).lines().forEach(line -> console.result("  " + line));
        }
        console.result("wrote " + directory);
        console.result("next: inlay tokenizer --data " + folders(directory, options) + " --size 2048 --out DIR");
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        object.put("directory", directory.toString());
        object.put("rows", summaries.stream().mapToLong(RegisterSummary::rows).sum());
        object.put("words", summaries.stream().mapToLong(RegisterSummary::words).sum());
        console.result(object);
    }

    private static String folders(Path directory, WorldOptions options) {
        return options.folders().stream()
                .map(folder -> directory.resolve(folder).toString())
                .collect(Collectors.joining(","));
    }

    private static String line(RegisterSummary each) {
        return String.format(
                Locale.ROOT,
                "  %-20s %-12s %,8d %,10d %8.3f %8.3f +- %5.3f %8.3f %9.4f",
                each.split(),
                each.register(),
                each.rows(),
                each.words(),
                each.floor(),
                each.mean(),
                each.error(),
                each.floorKnown(),
                each.mean() * each.rows() / each.words());
    }
}
