package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DynamicsEigenvaluesCommandTest {
    @TempDir
    Path folder;

    private Path model;

    @BeforeEach
    void files() throws IOException {
        model = TinyModel.in(folder);
    }

    @Test
    void aRunThatKeptItsCheckpointsIsFollowedStepByStep() throws IOException {
        Path data = TinyData.in(folder, 12);
        Path run = folder.resolve("run");
        Outcome trained = Outcome.of(
                "train",
                "--model",
                model,
                "--data",
                data,
                "--rank",
                2,
                "--steps",
                6,
                "--save-every",
                2,
                "--eval-every",
                0,
                "--keep-checkpoints",
                0,
                "--targets",
                "q_proj,v_proj",
                "--threads",
                1,
                "--out",
                run);
        assertThat(trained.code()).as(trained.err()).isZero();
        Path out = folder.resolve("out");
        Outcome outcome = Outcome.of("dynamics", "eigenvalues", run, "--model", model, "--out", out);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("query, last of 3 adapters");
        assertThat(outcome.err()).contains("3 maps are not square");
        List<String> rows = Files.readAllLines(out.resolve("eigenvalues.csv"));
        // 3 checkpoints, 3 layers, 2 eigenvalues of queries; values are not square.
        assertThat(rows).hasSize(1 + 3 * 3 * 2).noneMatch(row -> row.contains(",value,"));
        assertThat(rows.get(1)).startsWith("2,").contains("checkpoint-000002");
        assertThat(rows.get(rows.size() - 1)).startsWith("6,");
        assertThat(Files.readString(out.resolve("report.html"))).contains("layer 2", "default-src 'none'");
    }

    @Test
    void adaptersWithoutAStepAreNumbered() throws IOException {
        Path recorded = TinyModel.RECORDED.resolve("adapters");
        Path out = folder.resolve("out");
        Outcome outcome = Outcome.of(
                "dynamics",
                "eigenvalues",
                recorded.resolve("qv"),
                recorded.resolve("lora"),
                "--model",
                model,
                "--top",
                1,
                "--out",
                out);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        List<String> rows = Files.readAllLines(out.resolve("eigenvalues.csv"));
        // 3 queries, then 3 queries and 3 outputs of attention.
        assertThat(rows).hasSize(1 + 3 + 6);
        assertThat(rows.get(1)).startsWith("1,").contains(",query,0,");
        // alpha / r of qv is 2.
        String[] cells = rows.get(1).split(",");
        assertThat(Double.parseDouble(cells[8])).isEqualTo(2);
        assertThat(Double.parseDouble(cells[9])).isEqualTo(2 * Double.parseDouble(cells[7]));
    }

    @Test
    void badArgumentsAreRefused() {
        Path adapter = TinyModel.RECORDED.resolve("adapters/qv");
        Outcome none = Outcome.of(
                "dynamics", "eigenvalues", adapter, "--model", model, "--top", 0, "--out", folder.resolve("out"));
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err()).contains("--top");
        Outcome missing = Outcome.of(
                "dynamics", "eigenvalues", folder.resolve("nowhere"), "--model", model, "--out", folder.resolve("out"));
        assertThat(missing.code()).isEqualTo(4);
        assertThat(missing.err()).contains("nowhere");
        assertThat(folder.resolve("out")).doesNotExist();
    }
}
