package dev.inlay.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.inlay.InlayException;
import dev.inlay.testing.Golden;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** The jobs with tiny settings: what they print, not how fast. */
class JobsTest {
    private static final String MODEL =
            Golden.path("llama-tied-llama3-rope/model").toString();

    /** q, o 64 x 64; k, v 32 x 64; gate, up, down 72 x 64; three layers; head 96 x 64. */
    private static final long MATRIX_PARAMETERS = 3 * (2 * 64 * 64 + 2 * 32 * 64 + 3 * 72 * 64) + 96 * 64;

    @Test
    void trainingLearnsAndCountsFourOperationsPerMatrixParameterAndToken() {
        Map<String, Object> report = training("--dtype", "float32", "--threads", "2");
        assertThat(report).containsEntry("matrix_parameters", MATRIX_PARAMETERS).containsEntry("threads", 2);
        assertThat(number(report, "flop_per_s"))
                .isCloseTo(4.0 * MATRIX_PARAMETERS * number(report, "tokens_per_s"), withinPercentage(1e-9));
        assertThat(number(report, "last_loss")).isLessThan(number(report, "first_loss"));
        assertThat(number(report, "slowest_tokens_per_s")).isLessThanOrEqualTo(number(report, "tokens_per_s"));
        assertThat(number(report, "fastest_tokens_per_s")).isGreaterThanOrEqualTo(number(report, "tokens_per_s"));
    }

    @Test
    void trainingInBfloat16BeginsAtTheSameLossWithinItsRounding() {
        double wide = number(training("--dtype", "float32"), "first_loss");
        double narrow = number(training("--dtype", "bfloat16"), "first_loss");
        assertThat(narrow).isBetween(0.98 * wide, 1.02 * wide).isNotEqualTo(wide);
    }

    @Test
    void generationMakesAsManyTokensAsAskedAndCountsEveryMatrixOncePerToken() {
        Map<String, Object> report = GenerationJob.measure(Job.parse(
                GenerationJob.Settings.class,
                "--model=" + MODEL,
                "--dtype=bfloat16",
                "--prompt=5",
                "--tokens=7",
                "--runs=2"));
        assertThat(report)
                .extractingByKey("tokens", InstanceOfAssertFactories.LIST)
                .hasSize(7);
        assertThat(report).containsEntry("weight_bytes", 2 * MATRIX_PARAMETERS);
        assertThat(number(report, "read_bytes_per_s"))
                .isCloseTo(2.0 * MATRIX_PARAMETERS * number(report, "decode_tokens_per_s"), withinPercentage(1e-9));
    }

    @Test
    void loadingCountsTheBytesOfTheFilesAndOfTheWeightsThatTheyBecome() {
        Map<String, Object> stored = loading();
        assertThat(stored).containsEntry("dtype", "float32");
        assertThat(stored.get("weight_bytes")).isEqualTo(stored.get("file_bytes"));
        Map<String, Object> halved = loading("--dtype=bfloat16");
        assertThat(2 * number(halved, "weight_bytes")).isEqualTo(number(halved, "file_bytes"));
        assertThat(number(halved, "bytes_per_s")).isPositive().isFinite();
    }

    private static Map<String, Object> loading(String... more) {
        List<String> arguments = new ArrayList<>(List.of("--model", MODEL));
        arguments.addAll(List.of(more));
        return LoadJob.measure(Job.parse(LoadJob.Settings.class, arguments.toArray(String[]::new)));
    }

    @Test
    void ceilingHasARateForEachTypeAndNumberOfThreadsAndNoMixAboveTheBest() {
        Map<String, Object> report = MachineCeiling.measure(Job.parse(
                MachineCeiling.Settings.class,
                "--model=" + MODEL,
                "--threads=1,2",
                "--rows=8",
                "--bytes=1048576",
                "--seconds=0.001"));
        for (String suffix : List.of("float32_1", "bfloat16_1", "float32_2", "bfloat16_2")) {
            assertThat(number(report, "mix_" + suffix))
                    .isPositive()
                    .isLessThanOrEqualTo(number(report, "gemm_" + suffix));
        }
        assertThat(number(report, "read_1")).isPositive().isFinite();
        assertThat(number(report, "read_2")).isPositive().isFinite();
    }

    @Test
    void aPanelAnswersTheSameBothWaysAndHoldsItsContextOnce() {
        Map<String, Object> report = PanelJob.measure(Job.parse(
                PanelJob.Settings.class,
                "--model=" + MODEL,
                "--context=40",
                "--instruction=6",
                "--judges=1,3",
                "--decode=2",
                "--rank=2",
                "--runs=1"));
        assertThat(report).containsEntry("equal_3", 3L);
        assertThat(number(report, "linear_limit_3")).isCloseTo(3 * 46 / 58.0, withinPercentage(1e-9));
        assertThat(number(report, "speedup_3")).isPositive().isFinite();
        assertThat(number(report, "decode_shared_3_s")).isPositive().isFinite();
        assertThat(number(report, "decode_copied_3_s")).isPositive().isFinite();
    }

    @Test
    void adapterSetsHaveARateForEachWayAndEachNumberOfAdapters() {
        Map<String, Object> report = AdapterSetsJob.measure(Job.parse(
                AdapterSetsJob.Settings.class,
                "--model=" + MODEL,
                "--rows=4",
                "--length=3",
                "--adapters=2,4",
                "--rank=2",
                "--runs=1"));
        for (String name : List.of("bare", "one", "mixed_2", "single_2", "mixed_4", "single_4")) {
            assertThat(number(report, name + "_tokens_per_s")).isPositive().isFinite();
        }
        assertThat(report).containsEntry("svd_rank", 8L).containsEntry("svd_out", 72);
        assertThatThrownBy(() -> AdapterSetsJob.measure(
                        Job.parse(AdapterSetsJob.Settings.class, "--model=" + MODEL, "--adapters=3")))
                .hasMessageContaining("--adapters 3");
    }

    @Test
    void anUnknownOptionIsNamed() {
        assertThatThrownBy(() -> training("--dtype=float32", "--modle=x"))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("--modle");
    }

    private static Map<String, Object> training(String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("--model", MODEL, "--batch", "2", "--length", "12", "--rank", "4", "--steps", "3"));
        arguments.addAll(List.of(more));
        return TrainingJob.measure(Job.parse(TrainingJob.Settings.class, arguments.toArray(String[]::new)));
    }

    private static double number(Map<String, Object> report, String name) {
        return ((Number) report.get(name)).doubleValue();
    }
}
