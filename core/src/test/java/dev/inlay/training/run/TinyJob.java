package dev.inlay.training.run;

import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.Initialisation;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.PeftConfig;
import dev.inlay.adapter.peft.PeftWriter;
import dev.inlay.adapter.peft.Provenance;
import dev.inlay.adapter.peft.Ranks;
import dev.inlay.adapter.peft.Selection;
import dev.inlay.adapter.peft.Selector;
import dev.inlay.adapter.peft.Start;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Projection;
import dev.inlay.model.Site;
import dev.inlay.testing.Golden;
import dev.inlay.training.AdamW;
import dev.inlay.training.Parameters;
import dev.inlay.training.Trainer;
import dev.inlay.training.TrainingOptions;
import dev.inlay.training.TrainingOptions.Memory;
import dev.inlay.training.data.Batch;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.FileStamp;
import dev.inlay.training.data.Unit;
import dev.inlay.training.data.Units;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A whole training run on the recorded tiny model, small enough to be run many times. */
final class TinyJob implements AutoCloseable {
    private static final Path MODEL = Golden.path("llama-gqa-untied").resolve("model");
    private static final int RANK = 2;

    private final Scope scope = Scope.open();
    private final TrainingOptions options;
    private final List<FileStamp> data;
    private final ModelDirectory model = ModelDirectory.open(MODEL);
    private final Decoder decoder = model.load(Device.CPU);
    private final BaseModel base = BaseModel.of(model);
    private final Workers workers;
    private final Parameters parameters;
    private final Trainer trainer;
    private final Units units = new Units(examples(12, 1), Batch.rows(3), 24, 1);
    private final List<Unit> evaluation = Units.all(examples(3, 2), 64);
    private int keptCheckpoints = 1;

    TinyJob(TrainingOptions options, int threads) {
        this(options, threads, List.of());
    }

    /** As if the examples had been read from these files. */
    TinyJob(TrainingOptions options, int threads, List<FileStamp> data) {
        this.options = options;
        this.data = data;
        this.workers = Workers.of(threads);
        this.parameters = Parameters.of(Parts.of(adapter()));
        this.trainer = new Trainer(decoder, parameters, options, workers);
    }

    /** So many of the newest checkpoints stay; 0 for all. */
    TinyJob keeping(int checkpoints) {
        keptCheckpoints = checkpoints;
        return this;
    }

    /** Many checkpoints, evaluations and epochs in few steps, with dropout. */
    static TrainingOptions options(int steps) {
        return options(steps, 3, 0, 2);
    }

    static TrainingOptions options(int steps, int evaluateEvery, int patience, int checkpointEvery) {
        AdamW adamW = new AdamW(0.9, 0.999, 1e-8, 0.01);
        return new TrainingOptions(
                steps, 0.01, 1, 1, adamW, 1, 0.1, 7, evaluateEvery, patience, checkpointEvery, Memory.KEEP);
    }

    RunRecord record() {
        RunRecord.Inputs inputs = new RunRecord.Inputs(base.fingerprint(), "none", "", data);
        return new RunRecord(
                options,
                Map.of("rank", RANK),
                new RunRecord.Seeds(5, 1),
                inputs,
                new RunRecord.Machine(Device.CPU, workers.threads()));
    }

    /** Begins the run, or takes it up where there is one. */
    RunDirectory open(Path path) {
        return Files.exists(path.resolve("run.json"))
                ? RunDirectory.resume(path, record())
                : RunDirectory.create(path, record(), "rank: " + RANK + "\n");
    }

    TrainingRun.Outcome run(Path path, RunDisplay display) {
        try (RunDirectory directory = open(path)) {
            return new TrainingRun(trainer, checkpoints(directory), display).fit(units, evaluation);
        }
    }

    static TrainingRun.Outcome run(Path path, TrainingOptions options, int threads) {
        try (TinyJob job = new TinyJob(options, threads)) {
            return job.run(path, new RunDisplay() {});
        }
    }

    Checkpoints checkpoints(RunDirectory directory) {
        return new Checkpoints(
                directory,
                new AdapterProduct(parameters, writer(), base),
                Probe.of(decoder, workers, units),
                keptCheckpoints);
    }

    Trainer trainer() {
        return trainer;
    }

    Decoder decoder() {
        return decoder;
    }

    Units units() {
        return units;
    }

    private static boolean adapted(Site site) {
        return site.projection() == Projection.QUERY || site.projection() == Projection.VALUE;
    }

    private Adapter adapter() {
        Map<Site, LowRank> factors = new TreeMap<>();
        for (LinearSite site : model.sites()) {
            if (adapted(site.site())) {
                factors.put(site.site(), Initialisation.UNIFORM.factors(site, RANK, 2, 5));
            }
        }
        return Adapter.of(factors);
    }

    private PeftWriter writer() {
        PeftConfig config = new PeftConfig(
                PeftConfig.Base.languageModel("tiny"),
                Selection.of(new Selector.Names(List.of("q_proj", "v_proj"))),
                Ranks.uniform(RANK, 2 * RANK, false),
                options.dropout(),
                false,
                Start.DEFAULT);
        return new PeftWriter(
                base, config, new Provenance("test", "lora", "tiny", "F32", base.fingerprint(), base.text(), "run"));
    }

    private List<Example> examples(int count, long seed) {
        Random random = new Random(seed);
        List<Example> examples = new ArrayList<>();
        for (int line = 1; line <= count; line++) {
            int length = 5 + random.nextInt(8);
            int[] ids = random.ints(length, 3, model.config().vocabulary()).toArray();
            boolean[] target = new boolean[length];
            for (int i = 2; i < length; i++) {
                target[i] = true;
            }
            examples.add(new Example(ids, target, line));
        }
        return examples;
    }

    @Override
    public void close() {
        trainer.close();
        workers.close();
        parameters.close();
        decoder.close();
        scope.close();
    }
}
