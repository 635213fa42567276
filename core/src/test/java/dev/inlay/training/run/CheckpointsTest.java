package dev.inlay.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.model.Projection;
import dev.inlay.model.Site;
import dev.inlay.model.files.Fingerprint;
import dev.inlay.model.files.Json;
import dev.inlay.training.TrainingOptions;
import dev.inlay.training.data.FileStamp;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointsTest {
    private static final TrainingOptions OPTIONS = TinyJob.options(8, 0, 0, 4);

    @TempDir
    Path directory;

    private Path run;

    @BeforeEach
    void pathOfTheRun() {
        run = directory.resolve("run");
    }

    /** Stops a run after so many steps, as a user would. */
    private void stopAfter(int steps, TrainingOptions options) {
        try (TinyJob job = new TinyJob(options, 1)) {
            TrainingRun.Outcome outcome = job.run(run, new RunDisplay() {
                @Override
                public void stepped(StepRecord step) {
                    if (step.report().step() == steps) {
                        job.trainer().requestStop();
                    }
                }
            });
            assertThat(outcome.status()).isEqualTo(TrainingRun.Status.STOPPED);
            assertThat(outcome.result()).contains(run.resolve(Checkpoints.name(steps)));
        }
    }

    @Test
    void aStoppedRunGoesOnAsIfItHadNotBeenStopped() throws Exception {
        stopAfter(3, OPTIONS);
        assertThat(run.resolve("adapter")).doesNotExist();
        List<String> notes = new ArrayList<>();
        try (TinyJob job = new TinyJob(OPTIONS, 2)) {
            job.run(run, new RunDisplay() {
                @Override
                public void noted(String line) {
                    notes.add(line);
                }
            });
        }
        assertThat(notes).containsExactly("resumed from checkpoint-000003");
        Path whole = directory.resolve("whole/run");
        TinyJob.run(whole, OPTIONS, 1);
        // The stop made one more checkpoint; nothing else shows it.
        List<String> metrics = new ArrayList<>(TraceComparison.metrics(run));
        assertThat(metrics.remove(4)).contains("checkpoint-000003");
        assertThat(metrics).isEqualTo(TraceComparison.metrics(whole));
        Path weights = Path.of("adapter", "adapter_model.safetensors");
        assertThat(run.resolve(weights)).hasSameBinaryContentAs(whole.resolve(weights));
    }

    @Test
    void aBaseThatChangedDuringTheRunIsSeenAndNothingIsPublished() {
        try (TinyJob job = new TinyJob(OPTIONS, 1)) {
            RunDisplay tampering = new RunDisplay() {
                @Override
                public void stepped(StepRecord step) {
                    if (step.report().step() == 2) {
                        job.decoder()
                                .weight(new Site(1, Projection.DOWN))
                                .narrow(0, 3, 1)
                                .narrow(1, 5, 1)
                                .add(1e-6);
                    }
                }
            };
            assertThatThrownBy(() -> job.run(run, tampering))
                    .isInstanceOf(InlayException.class)
                    .hasMessageContaining("the weights of the frozen base changed")
                    .hasMessageContaining(job.decoder().checksum());
        }
        assertThat(run.resolve("adapter")).doesNotExist();
        assertThat(TinyJob.run(directory.resolve("whole/run"), OPTIONS, 1).base())
                .hasValueSatisfying(checksum -> {
                    try (TinyJob job = new TinyJob(OPTIONS, 1)) {
                        assertThat(checksum).isEqualTo(job.decoder().checksum());
                    }
                });
    }

    @Test
    void theNewestAndTheBestAreKept() throws Exception {
        TrainingRun.Outcome outcome = TinyJob.run(run, overfitting(), 1);
        assertThat(outcome.status()).isEqualTo(TrainingRun.Status.EARLY);
        int best = outcome.progress().bestStep();
        int last = outcome.progress().step();
        assertThat(best).isLessThan(last);
        assertThat(run.resolve("best")).hasContent(Checkpoints.name(best));
        assertThat(run.resolve("latest")).hasContent(Checkpoints.name(last));
        try (var entries = Files.list(run)) {
            assertThat(entries.map(path -> path.getFileName().toString()).filter(name -> name.startsWith("checkpoint")))
                    .containsExactlyInAnyOrder(Checkpoints.name(best), Checkpoints.name(last));
        }
        Path weights = Path.of("adapter_model.safetensors");
        assertThat(run.resolve("adapter").resolve(weights))
                .hasSameBinaryContentAs(run.resolve(Checkpoints.name(best)).resolve(weights));
        assertThat(Files.readAllBytes(run.resolve("adapter").resolve(weights)))
                .isNotEqualTo(
                        Files.readAllBytes(run.resolve(Checkpoints.name(last)).resolve(weights)));
    }

    @ParameterizedTest
    @CsvSource({"0, 2 4 6 8 9", "2, 8 9", "1, 9"})
    void asManyOfTheNewestAreKeptAsAskedFor(int keep, String steps) throws Exception {
        TrainingRun.Outcome outcome;
        try (TinyJob job = new TinyJob(TinyJob.options(9, 4, 0, 2), 1).keeping(keep)) {
            outcome = job.run(run, new RunDisplay() {});
        }
        Set<String> expected =
                new TreeSet<>(Set.of(Checkpoints.name(outcome.progress().bestStep())));
        for (String step : steps.split(" ")) {
            expected.add(Checkpoints.name(Integer.parseInt(step)));
        }
        try (var entries = Files.list(run)) {
            assertThat(entries.map(path -> path.getFileName().toString()).filter(name -> name.startsWith("checkpoint")))
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @Test
    void aRunThatStoppedEarlyStaysStopped() throws Exception {
        TrainingRun.Outcome first = TinyJob.run(run, overfitting(), 1);
        List<String> before = TraceComparison.metrics(run);
        TrainingRun.Outcome again = TinyJob.run(run, overfitting(), 1);
        assertThat(again).isEqualTo(first);
        assertThat(TraceComparison.metrics(run)).isEqualTo(before);
    }

    /** Twelve examples of random tokens can only be learnt by heart. */
    private static TrainingOptions overfitting() {
        return TinyJob.options(500, 5, 3, 50);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void theNumberOfThreadsChangesNoBit(int threads) throws Exception {
        TrainingOptions options = TinyJob.options(12);
        TinyJob.run(directory.resolve("one/run"), options, 1);
        TinyJob.run(run, options, threads);
        TraceComparison.assertSame(directory.resolve("one/run"), run);
    }

    @ParameterizedTest
    @ValueSource(strings = {"adapter_model.safetensors", "state/optimiser.safetensors", "state/state.json"})
    void aDamagedCheckpointIsSkippedAndSaidSo(String file) throws Exception {
        TinyJob.run(run, TinyJob.options(9, 4, 0, 9), 1); // best at step 8 or 4, latest at 9
        Path damaged = run.resolve("checkpoint-000009").resolve(file);
        try (RandomAccessFile bytes = new RandomAccessFile(damaged.toFile(), "rw")) {
            bytes.seek(bytes.length() - 3);
            bytes.write(bytes.read() ^ 1);
        }
        List<String> notes = new ArrayList<>();
        try (TinyJob job = new TinyJob(TinyJob.options(9, 4, 0, 9), 1)) {
            job.run(run, new RunDisplay() {
                @Override
                public void noted(String line) {
                    notes.add(line);
                }
            });
        }
        assertThat(notes).hasSize(2);
        assertThat(notes.get(0))
                .startsWith("checkpoint-000009 is skipped, it is incomplete: ")
                .contains(file);
        assertThat(notes.get(1)).matches("resumed from checkpoint-00000[48]");
    }

    @Test
    void aRunWithoutAnyCompleteCheckpointDoesNotSilentlyBeginAnew() throws Exception {
        stopAfter(3, OPTIONS);
        Files.delete(run.resolve("checkpoint-000003/state/state.json"));
        assertThatThrownBy(() -> TinyJob.run(run, OPTIONS, 1))
                .hasMessageContaining("none of 1 checkpoints is complete")
                .hasMessageContaining("state.json: does not exist");
    }

    @Test
    void aCheckpointThatNamesAnotherStepIsNeverTakenNorRemoved() throws Exception {
        stopAfter(3, OPTIONS);
        Path state = run.resolve("checkpoint-000003/state/state.json");
        Files.writeString(state, Files.readString(state).replace("\"step\": 3", "\"step\": 2"));
        assertThatThrownBy(() -> TinyJob.run(run, OPTIONS, 1)).hasMessageContaining("state.json: says step 2");
        assertThat(run.resolve("checkpoint-000003/adapter_model.safetensors")).isRegularFile();
    }

    @Test
    void anotherLossOfTheProbeEndsTheRun() throws Exception {
        stopAfter(3, OPTIONS);
        Path state = run.resolve("checkpoint-000003/state/state.json");
        String text = Files.readString(state);
        double loss = Json.readObject(state).number("probe_loss");
        Files.writeString(state, text.replace("" + loss, "" + loss * (1 + 3e-6)));
        assertThatThrownBy(() -> TinyJob.run(run, OPTIONS, 1))
                .hasMessageContaining("and is " + loss + " now")
                .extracting("kind")
                .isEqualTo(InlayException.Kind.DIVERGED);
    }

    @Test
    void theCheckpointOfAnotherRunIsRefused() throws Exception {
        stopAfter(3, OPTIONS);
        Path own = run;
        run = directory.resolve("other");
        stopAfter(5, TinyJob.options(9, 0, 0, 4));
        Files.move(run.resolve("checkpoint-000005"), own.resolve("checkpoint-000005"));
        assertThatThrownBy(() -> TinyJob.run(own, OPTIONS, 1)).hasMessageContaining("was made by a run with the hash");
    }

    @Test
    void D11_dataThatChangeDuringAnEpochEndTheRunAtTheNext() throws Exception {
        Path file = Files.writeString(directory.resolve("train.jsonl"), "{}");
        FileStamp stamp =
                new FileStamp(file, Files.size(file), Files.getLastModifiedTime(file), Fingerprint.sha256(file));
        List<Integer> epochs = new ArrayList<>();
        try (TinyJob job = new TinyJob(TinyJob.options(40), 1, List.of(stamp))) {
            assertThatThrownBy(() -> job.run(run, new RunDisplay() {
                        @Override
                        public void stepped(StepRecord step) {
                            epochs.add(step.report().epoch());
                            if (step.report().step() == 2) {
                                append(file);
                            }
                        }
                    }))
                    .hasMessageContaining("train.jsonl: changed since it was read")
                    .extracting("kind")
                    .isEqualTo(InlayException.Kind.DATA);
        }
        assertThat(epochs).endsWith(0, 1).containsOnlyOnce(1);
    }

    private static void append(Path file) {
        try {
            Files.writeString(file, "{}", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void anAdapterThatIsNotFiniteIsNeverWritten() throws Exception {
        stopAfter(3, OPTIONS);
        try (TinyJob job = new TinyJob(OPTIONS, 1)) {
            assertThatThrownBy(() -> job.run(run, new RunDisplay() {
                        @Override
                        public void stepped(StepRecord step) {
                            if (step.report().step() == 4) {
                                job.trainer().trained().values().fill(Double.NaN);
                            }
                        }
                    }))
                    .hasMessageContaining("step 4: the adapter holds NaN or infinite values and is not saved")
                    .hasMessageContaining("checkpoint-000003 is intact")
                    .extracting("kind")
                    .isEqualTo(InlayException.Kind.DIVERGED);
        }
        assertThat(run.resolve("latest")).hasContent("checkpoint-000003");
        assertThat(TraceComparison.metrics(run)).last().asString().contains("\"status\":\"failed\"");
        assertThat(TinyJob.run(run, OPTIONS, 1).status()).isEqualTo(TrainingRun.Status.DONE);
    }
}
