package dev.inlay.app.cli;

import static dev.inlay.InlayException.require;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.engine.FreeMemory;
import dev.inlay.engine.Randomness;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.training.Evaluation;
import dev.inlay.training.MemoryPlan;
import dev.inlay.training.Parameters;
import dev.inlay.training.Prefixes;
import dev.inlay.training.StepReport;
import dev.inlay.training.Trainer;
import dev.inlay.training.TrainingListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code inlay tune}: which learning rate to train with. */
@Command(
        name = "tune",
        description = {
            "Train an adapter for each learning rate and seed and compare them on the rows that are held out.",
            "Takes the flags of train; writes nothing."
        })
@SuppressWarnings("NullAway.Init") // picocli injects the specification and sets what has a default
final class TuneCommand implements Callable<Integer> {
    private static final List<String> NOT_HERE = List.of(
            "--learning-rate", "--name", "--out", "--patience", "--eval-every", "--save-every", "--keep-checkpoints");

    private final Console console;

    @Spec
    private CommandSpec spec;

    @Mixin
    private TrainOptions settings = new TrainOptions();

    @Option(
            names = "--rates",
            split = ",",
            paramLabel = "R",
            defaultValue = "5e-5,1e-4,2e-4,5e-4,1e-3",
            description = "Learning rates to compare. Default: ${DEFAULT-VALUE}.")
    private List<Double> rates;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "1",
            description = "Adapters of each rate; they begin with other values. Default: ${DEFAULT-VALUE}.")
    private int seeds;

    TuneCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        NOT_HERE.forEach(name -> require(
                !spec.commandLine().getParseResult().hasMatchedOption(name),
                "inlay tune compares --rates and writes nothing; leave out %s",
                name));
        rates.forEach(rate ->
                require(rate > 0 && Double.isFinite(rate), "a learning rate must be a positive number, was %s", rate));
        require(seeds >= 1, "--seeds must be at least 1, was %d", seeds);
        settings.adapter.resolve();
        Configuration configuration = Configuration.of(spec);
        try (Prepared prepared = Prepared.of(settings);
                Workers workers = settings.threads.workers()) {
            require(
                    !prepared.evaluation().isEmpty(),
                    "no rows are held out to compare on; give --valid FILE or a larger --eval-share");
            int count = Math.multiplyExact(rates.size(), seeds);
            MemoryPlan memory = prepared.memory();
            FreeMemory free = FreeMemory.now();
            WorkPlan work = WorkPlan.of(
                    prepared.units(), prepared.options().steps(), memory.work(), prepared.saving() / count, workers);
            new PlanReport(prepared, configuration, memory, free, work).show(console, false);
            memory.requireWithin(free);
            show(prepared, tuned(prepared, workers));
        }
        return 0;
    }

    /**
     * What became of an adapter.
     *
     * @param training mean loss of the last tenth of the steps, in nats per target
     * @param validation loss on the rows that are held out
     */
    private record Tuned(double rate, long seed, double training, double validation) {}

    private List<Tuned> tuned(Prepared prepared, Workers workers) {
        List<Tuned> tuned = new ArrayList<>();
        int steps = prepared.options().steps();
        try (Decoder decoder = prepared.model().load(prepared.type(), prepared.device());
                Prefixes prefixes = prepared.prefixes().prefixes(prepared.base().fingerprint(), prepared.type());
                WorkBar bar = new WorkBar(console, "tune", (long) rates.size() * seeds * steps)) {
            Evaluation evaluation = new Evaluation(decoder, workers, prefixes);
            for (double rate : rates) {
                for (int i = 0; i < seeds; i++) {
                    long first = prepared.seeds().initialisation();
                    long seed = i == 0 ? first : Randomness.derive(first, i);
                    long done = (long) tuned.size() * steps;
                    try (Parameters parameters = Training.parameters(prepared, decoder, seed);
                            Trainer trainer = new Trainer(
                                    decoder,
                                    parameters,
                                    prepared.options().withLearningRate(rate),
                                    workers,
                                    prefixes)) {
                        List<Double> losses = new ArrayList<>();
                        trainer.fit(prepared.units(), List.of(), new TrainingListener() {
                            @Override
                            public void stepped(StepReport report) {
                                bar.accept(done + report.step());
                                losses.add(report.loss());
                            }
                        });
                        double validation =
                                evaluation.of(prepared.evaluation(), parameters).loss();
                        tuned.add(new Tuned(rate, seed, ofLastTenth(losses), validation));
                    }
                }
            }
        }
        return tuned;
    }

    private static double ofLastTenth(List<Double> losses) {
        int count = Math.max(1, losses.size() / 10);
        return losses.subList(losses.size() - count, losses.size()).stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElseThrow();
    }

    private void show(Prepared prepared, List<Tuned> all) {
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        console.result("Loss in nats per target: of the last steps, and on rows that are held out");
        console.result(
                String.format(Locale.ROOT, "  %8s %20s %10s %12s", "rate", "init-seed", "training", "validation"));
        double best = Double.NaN;
        double least = Double.POSITIVE_INFINITY;
        for (int rate = 0; rate < rates.size(); rate++) {
            List<Tuned> own = all.subList(rate * seeds, (rate + 1) * seeds);
            own.forEach(each -> {
                console.result(String.format(
                        Locale.ROOT,
                        "  %8.1e %20d %10.4f %12.4f",
                        each.rate(),
                        each.seed(),
                        each.training(),
                        each.validation()));
                ObjectNode row = object.withArray("results").addObject();
                row.put("rate", each.rate());
                row.put("init_seed", each.seed());
                row.put("training", each.training());
                row.put("validation", each.validation());
            });
            double mean = own.stream().mapToDouble(Tuned::validation).average().orElseThrow();
            if (mean < least) {
                least = mean;
                best = rates.get(rate);
            }
        }
        object.put("best", best);
        console.result(String.format(Locale.ROOT, "best: --learning-rate %s", best));
        if (best == rates.stream().mapToDouble(Double::doubleValue).max().orElseThrow()
                || best == rates.stream().mapToDouble(Double::doubleValue).min().orElseThrow()) {
            console.result("  it is the first or the last of those compared; try others beyond it");
        }
        console.result("next: inlay train --model " + prepared.model().path() + " --data " + settings.data.data
                + " --learning-rate " + best + " and the other flags as here");
        console.result(object);
    }
}
