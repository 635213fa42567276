package dev.inlay.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.model.files.Json;
import dev.inlay.training.Evaluation;
import dev.inlay.training.Progress;
import dev.inlay.training.StepReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsTest {
    private static final StepReport REPORT =
            new StepReport(120, 3, 1.83419, 9.8e-5, 0.7149, 8192, 4000, 8192 / 12473.0);
    private static final ProcessMemory MEMORY = new ProcessMemory(20_000_000_000L, 21_300_000_000L);

    @TempDir
    Path directory;

    @Test
    void theRecordLineHasItsPublishedForm() {
        assertThat(new StepRecord(REPORT, 1000, 983040, MEMORY).line())
                .isEqualTo("step 120/1000 loss 1.8342 lr 9.8e-05 grad 0.71 tok/s 12473 tokens 983040 mem 21.3GB");
    }

    @Test
    void aSmallGradientNormIsNotShownAsZero() {
        StepReport small = new StepReport(1, 0, 1, 1e-4, 0.00042, 1, 1, 0);
        assertThat(new StepRecord(small, 1, 1, MEMORY).line())
                .isEqualTo("step 1/1 loss 1.0000 lr 1.0e-04 grad 4.2e-04 tok/s 0 tokens 1 mem 21.3GB");
    }

    @Test
    void aStepIsOneObjectWithItsPublishedFieldsInFullPrecision() {
        assertThat(Event.step(new StepRecord(REPORT, 1000, 983040, MEMORY)).line())
                .isEqualTo("{\"event\":\"step\",\"step\":120,\"epoch\":3,\"loss\":1.83419,\"tokens\":983040,"
                        + "\"lr\":9.8E-5,\"grad_norm\":0.7149,\"tok_s\":12473.0,\"mem_bytes\":21300000000}");
    }

    @Test
    void theOtherEventsHaveTheirPublishedFields() {
        Progress progress = new Progress(9, 90, 45, 1.5, 1.25, 9, 0);
        assertThat(Event.start(10, 64).line())
                .isEqualTo("{\"event\":\"start\",\"step\":0,\"steps\":10,\"parameters\":64}");
        assertThat(Event.evaluation(new Evaluation.Result(0, 7, List.of()), progress)
                        .line())
                .isEqualTo(
                        "{\"event\":\"eval\",\"step\":9,\"loss\":0.0,\"perplexity\":1.0,\"targets\":7,\"best\":true}");
        assertThat(Event.checkpoint(progress, "checkpoint-000009").line())
                .isEqualTo("{\"event\":\"checkpoint\",\"step\":9,\"name\":\"checkpoint-000009\",\"best\":true}");
        assertThat(Event.warning(1, "say \"hm\"\n").line())
                .isEqualTo("{\"event\":\"warning\",\"step\":1,\"message\":\"say \\\"hm\\\"\\n\"}");
        assertThat(Event.end("done", progress, List.of("w")).line())
                .isEqualTo("{\"event\":\"end\",\"step\":9,\"status\":\"done\",\"loss\":1.5,\"best_loss\":1.25,"
                        + "\"best_step\":9,\"tokens\":90,\"targets\":45,\"warnings\":[\"w\"]}");
    }

    @Test
    void aNumberThatIsNotFiniteIsNull() {
        String line = Event.end("failed", Progress.START, List.of()).line();
        assertThat(line).contains("\"loss\":null,\"best_loss\":null");
    }

    @Test
    void everyLineIsInTheFileAtOnceWithItsTime() throws Exception {
        Path file = directory.resolve("metrics.jsonl");
        try (Metrics metrics = Metrics.open(file, 0)) {
            metrics.append(Event.start(10, 64));
            assertThat(Files.readAllLines(file)).hasSize(1);
            double time = Json.parseObject(Files.readString(file), "line").number("time");
            assertThat(time).isBetween(1.6e9, System.currentTimeMillis() / 1000.0);
        }
    }

    @Test
    void resumingKeepsTheFirstLinesAndDropsALineThatWasCutShort() throws Exception {
        Path file = directory.resolve("metrics.jsonl");
        try (Metrics metrics = Metrics.open(file, 0)) {
            metrics.append(Event.start(10, 64));
            metrics.append(Event.warning(1, "kept"));
            metrics.append(Event.warning(2, "dropped"));
        }
        List<String> before = Files.readAllLines(file);
        Files.writeString(file, "{\"event\":\"ste", StandardOpenOption.APPEND);
        try (Metrics metrics = Metrics.open(file, 2)) {
            assertThat(metrics.lines()).isEqualTo(2);
            assertThat(metrics.warnings()).containsExactly("kept");
            assertThat(Files.readAllLines(file)).isEqualTo(before.subList(0, 2));
            metrics.append(Event.start(10, 64));
        }
        assertThat(Files.readAllLines(file)).hasSize(3);
    }

    @Test
    void fewerLinesThanTheCheckpointKnowsAreAnError() throws Exception {
        Path file = directory.resolve("metrics.jsonl");
        Files.writeString(file, "{}\n{}");
        assertThatThrownBy(() -> Metrics.open(file, 2)).hasMessageContaining("made after 2 lines and fewer are left");
        assertThat(file).hasContent("{}\n{}");
    }

    @Test
    void memoryIsReadFromTheStatusOfTheProcess() throws Exception {
        ProcessMemory memory =
                ProcessMemory.parse(List.of("Name:\tjava", "VmHWM:\t  300 kB", "VmRSS:\t  200 kB", "Threads:\t9"));
        assertThat(memory).isEqualTo(new ProcessMemory(200 * 1024, 300 * 1024));
        ProcessMemory now = ProcessMemory.now();
        assertThat(now.resident()).isBetween(10_000_000L, now.peak());
    }
}
