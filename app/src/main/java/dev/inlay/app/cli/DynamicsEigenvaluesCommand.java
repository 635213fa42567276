package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.LoadedAdapter;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.app.experiments.layers.EigenvalueRun;
import dev.inlay.app.experiments.layers.EigenvalueRun.Moment;
import dev.inlay.engine.Scope;
import dev.inlay.model.ModelDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inlay dynamics eigenvalues}: what training does to the eigenvalues of a low-rank change. */
@Command(
        name = "eigenvalues",
        description = {
            "Follow the largest eigenvalues of the change BA of each square map over adapters that training left one after",
            "the other, unscaled and times alpha / r."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required
final class DynamicsEigenvaluesCommand implements Callable<Integer> {
    /** Of a run, and of trainers that name them alike. */
    private static final Pattern CHECKPOINT = Pattern.compile("checkpoint-(\\d{1,9})");

    private final Console console;

    @Parameters(
            paramLabel = "ADAPTER",
            arity = "1..*",
            description = "Adapter directories (PEFT) in the order of training, or directories with several named"
                    + " checkpoint-N, such as runs of train --keep-checkpoints 0.")
    private List<Path> adapters;

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "The model that they are for.")
    private Path model;

    @Option(
            names = "--top",
            paramLabel = "K",
            defaultValue = "2",
            description = "Eigenvalues of each map, those of largest modulus. Default: ${DEFAULT-VALUE}.")
    private int top;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The directory to write.")
    private Path out;

    @Mixin
    private AllowOption allow = new AllowOption();

    @Mixin
    ConfigOption config = new ConfigOption();

    DynamicsEigenvaluesCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        InlayException.require(top >= 1, "--top must be at least 1, was %d", top);
        RunName.requireFree(out);
        List<Path> places =
                adapters.stream().flatMap(DynamicsEigenvaluesCommand::places).toList();
        boolean named = places.stream().allMatch(place -> step(place).isPresent());
        ModelDirectory directory = ModelDirectory.open(model);
        directory.notes().forEach(console::warn);
        BaseModel base = BaseModel.of(directory);
        List<Moment> moments = new ArrayList<>();
        int skipped = 0;
        for (Path place : places) {
            try (Scope scope = Scope.open()) {
                LoadedAdapter loaded = PeftDirectory.read(place, base, allow.set());
                loaded.notes().forEach(console::warn);
                Adapter adapter = loaded.adapter();
                long step = named ? step(place).orElseThrow() : moments.size() + 1;
                Moment moment = Moment.of(place.toString(), step, adapter);
                skipped = Math.max(
                        skipped, adapter.factors().size() - moment.values().size());
                moments.add(moment);
            }
        }
        if (skipped > 0) {
            console.note(skipped + " maps are not square, have no eigenvalues and are left out");
        }
        List<String> lines = new EigenvalueRun(top, model.toString(), moments).write(out);
        lines.forEach(console::result);
        console.result("wrote " + out + "; look at " + out.resolve("report.html"));
        ObjectNode object = DynamicsCommand.result(out);
        lines.forEach(object.withArray("findings")::add);
        console.result(object);
        return 0;
    }

    /** The adapter itself, or the checkpoints of its directory by step. */
    private static Stream<Path> places(Path given) {
        if (Files.exists(given.resolve("adapter_config.json")) || !Files.isDirectory(given)) {
            return Stream.of(given);
        }
        try (Stream<Path> entries = Files.list(given)) {
            List<Path> checkpoints = entries.filter(entry -> step(entry).isPresent())
                    .sorted(Comparator.comparingLong(entry -> step(entry).orElseThrow()))
                    .toList();
            return checkpoints.isEmpty() ? Stream.of(AdapterPlace.of(given)) : checkpoints.stream();
        } catch (IOException e) {
            throw new InlayException(InlayException.Kind.DATA, given + ": cannot be read", e);
        }
    }

    private static OptionalLong step(Path place) {
        Matcher matcher = CHECKPOINT.matcher(String.valueOf(place.getFileName()));
        return matcher.matches() ? OptionalLong.of(Long.parseLong(matcher.group(1))) : OptionalLong.empty();
    }
}
