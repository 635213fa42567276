package dev.inlay.training.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Workers;
import dev.inlay.model.Architecture;
import dev.inlay.model.Decoder;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Pass;
import dev.inlay.model.Rows;
import dev.inlay.model.files.Json;
import dev.inlay.testing.Golden;
import dev.inlay.training.AdamW;
import dev.inlay.training.DecoderParameters;
import dev.inlay.training.Trainer;
import dev.inlay.training.TrainingOptions;
import dev.inlay.training.TrainingOptions.Memory;
import dev.inlay.training.data.Batch;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Unit;
import dev.inlay.training.data.Units;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs that train all weights of a decoder. */
class ScratchRunTest {
    private static final int STEPS = 6;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"scratch-llama-tied", "scratch-gpt2-untied"})
    void aStoppedRunGoesOnAsIfItHadNotBeenStopped(String model) throws IOException {
        Path whole = directory.resolve("whole/run");
        Path stopped = directory.resolve("run");
        assertThat(fit(model, whole, DType.FLOAT32, 1, STEPS).base()).isEmpty();
        assertThat(fit(model, stopped, DType.FLOAT32, 2, 3).status()).isEqualTo(TrainingRun.Status.STOPPED);
        assertThat(fit(model, stopped, DType.FLOAT32, 2, STEPS).status()).isEqualTo(TrainingRun.Status.DONE);
        for (String file : List.of("model/model.safetensors", "checkpoint-000006/state/optimiser.safetensors")) {
            assertThat(stopped.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void theWrittenModelHasTheLogitsOfTheOneInMemory(DType computed) {
        Path run = directory.resolve("run");
        Pass pass = Pass.over(Rows.of(new int[] {5, 17, 90, 3}));
        try (Job job = new Job("scratch-gpt2-untied", computed, 1)) {
            job.fit(run, STEPS);
            Path written = run.resolve(Checkpoints.name(STEPS));
            try (Scope scope = Scope.open();
                    Decoder read = ModelDirectory.open(written).load(computed, Device.CPU)) {
                Decoder live = job.trained
                        .with(job.decoder, job.trained.tensors(Device.CPU))
                        .decoder();
                assertThat(Golden.difference(logits(live, pass), logits(read, pass)))
                        .isZero();
            }
        }
    }

    @Test
    void theWrittenModelStoresFloat32() {
        Path written = fit("scratch-llama-tied", directory.resolve("run"), DType.BFLOAT16, 1, STEPS)
                .result()
                .orElseThrow();
        assertThat(ModelDirectory.open(written).storedType()).isEqualTo(DType.FLOAT32);
    }

    private static Tensor logits(Decoder decoder, Pass pass) {
        return decoder.logits(decoder.hidden(pass), pass);
    }

    private static TrainingRun.Outcome fit(String model, Path run, DType computed, int threads, int stopAfter) {
        try (Job job = new Job(model, computed, threads)) {
            return job.fit(run, stopAfter);
        }
    }

    /** A whole run on random rows. */
    private static final class Job implements AutoCloseable {
        private final Scope scope = Scope.open();
        private final TrainingOptions options;
        private final DecoderParameters trained;
        private final Decoder decoder;
        private final Workers workers;
        private final Trainer trainer;
        private final Units units = new Units(examples(8, 1), Batch.rows(3), 24, 1);
        private final List<Unit> evaluation = Units.all(examples(3, 2), 64);
        private final byte[] config;

        Job(String model, DType computed, int threads) {
            Path file = Golden.path(model).resolve("model/config.json");
            Architecture architecture = Architecture.of(Json.readObject(file));
            try {
                this.config = Files.readAllBytes(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            AdamW adamW = new AdamW(0.9, 0.95, 1e-8, 0.1);
            this.options = new TrainingOptions(STEPS, 0.003, 1, 1, adamW, 1, 0, 0, 2, 0, 2, Memory.KEEP);
            this.trained = DecoderParameters.of(architecture.initial(7), computed);
            this.decoder = architecture.decoder(trained.weights());
            this.workers = Workers.of(threads);
            this.trainer = new Trainer(decoder, trained, options, workers);
        }

        TrainingRun.Outcome fit(Path path, int stopAfter) {
            RunRecord record = new RunRecord(
                    options,
                    Map.of(),
                    new RunRecord.Seeds(7, 1),
                    new RunRecord.Inputs("none", "none", "", List.of()),
                    new RunRecord.Machine(Device.CPU, workers.threads()));
            RunDisplay display = new RunDisplay() {
                @Override
                public void stepped(StepRecord step) {
                    if (step.report().step() == stopAfter) {
                        trainer.requestStop();
                    }
                }
            };
            try (RunDirectory run = Files.exists(path.resolve("run.json"))
                    ? RunDirectory.resume(path, record)
                    : RunDirectory.create(path, record, "")) {
                ModelProduct product = new ModelProduct(trained, Map.of("config.json", config));
                Checkpoints checkpoints = new Checkpoints(run, product, Probe.of(decoder, workers, units), 1);
                return new TrainingRun(trainer, checkpoints, display).fit(units, evaluation);
            }
        }

        private static List<Example> examples(int count, long seed) {
            Random random = new Random(seed);
            List<Example> examples = new ArrayList<>();
            for (int line = 1; line <= count; line++) {
                int[] ids = random.ints(5 + random.nextInt(8), 3, 96).toArray();
                boolean[] target = new boolean[ids.length];
                Arrays.fill(target, 1, ids.length, true);
                examples.add(new Example(ids, target, line));
            }
            return examples;
        }

        @Override
        public void close() {
            trainer.close();
            workers.close();
            decoder.close();
            trained.close();
            scope.close();
        }
    }
}
