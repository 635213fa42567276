package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.inlay.app.experiments.mask.Arm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskKeysCommandTest {
    @TempDir
    Path folder;

    private Outcome run(Path model, Object... more) {
        Object[] all = {
            "mask-keys",
            "--model",
            model,
            "--register",
            "key-read",
            "--rows",
            16,
            "--held-out",
            12,
            "--epochs",
            1,
            "--batch",
            8,
            "--rank",
            2,
            "--rates",
            "1e-3,3e-3",
            "--seeds",
            2,
            "--json",
            "--quiet"
        };
        Object[] whole = Arrays.copyOf(all, all.length + more.length);
        System.arraycopy(more, 0, whole, all.length, more.length);
        return Outcome.of(whole);
    }

    @Test
    void bothArmsAreMeasuredOnceForEachSeedAndAgainTheSame() throws IOException {
        Path model = TinyWorldModel.in(folder);
        Outcome outcome = run(model);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        JsonNode results = JsonMapper.builder().build().readTree(outcome.out()).path("results");
        assertThat(results).hasSize(2);
        assertThat(results.get(0).path("arm").asText()).isEqualTo("mask");
        assertThat(results.get(1).path("arm").asText()).isEqualTo("no-mask");
        results.forEach(each -> {
            assertThat(each.path("balanced_accuracy")).hasSize(2);
            each.path("auroc").forEach(area -> assertThat(area.asDouble()).isBetween(0.0, 1.0));
            assertThat(each.path("rate").asDouble()).isIn(1e-3, 3e-3);
        });
        assertThat(run(model).out()).isEqualTo(outcome.out());
    }

    @Test
    void everyArmLearnsAndIsJudged() throws IOException {
        Path model = TinyWorldModel.in(folder);
        String all = Arrays.stream(Arm.values()).map(Arm::toString).collect(Collectors.joining(","));
        Outcome outcome = Outcome.of(
                "mask-keys",
                "--model",
                model,
                "--register",
                "key-read",
                "--rows",
                8,
                "--held-out",
                6,
                "--epochs",
                1,
                "--batch",
                8,
                "--rank",
                2,
                "--rates",
                0.05,
                "--seeds",
                2,
                "--arms",
                all,
                "--json",
                "--quiet");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        JsonNode results = JsonMapper.builder().build().readTree(outcome.out()).path("results");
        assertThat(results).hasSize(Arm.values().length);
        for (int i = 0; i < results.size(); i++) {
            assertThat(results.get(i).path("arm").asText()).isEqualTo(Arm.values()[i].toString());
            assertThat(results.get(i).path("auroc")).hasSize(2);
        }
    }

    @Test
    void anArmThatDoesNotExistIsWrongUsage() throws IOException {
        Outcome outcome = Outcome.of("mask-keys", "--model", folder, "--arms", "mask,hybrid");
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err())
                .contains("no arm hybrid")
                .contains("half-heads")
                .hasLineCount(1);
    }

    @Test
    void aRegisterWithoutAKeyIsWrongUsage() throws IOException {
        Outcome outcome = Outcome.of("mask-keys", "--model", folder, "--register", "story");
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains("story has no key");
    }
}
