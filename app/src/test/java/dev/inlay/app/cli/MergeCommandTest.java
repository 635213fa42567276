package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.engine.DType;
import dev.inlay.model.ModelDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergeCommandTest {
    private static final Path ADAPTER = TinyModel.RECORDED.resolve("adapters/lora");

    @TempDir
    Path folder;

    private Path model;

    @BeforeEach
    void copyModel() throws IOException {
        model = TinyModel.in(folder);
    }

    @Test
    void withoutAnAdapterTheModelIsWrittenInAnotherType() {
        Path out = folder.resolve("half");
        Outcome outcome = Outcome.of("merge", "--model", model, "--dtype", "bfloat16", "--out", out);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("merged 0 of ", "100 % of it rounding", "the adapter itself changes max 0");
        assertThat(ModelDirectory.open(out).storedType()).isEqualTo(DType.BFLOAT16);
        Outcome nothing = Outcome.of("merge", "--model", model, "--out", folder.resolve("same"));
        assertThat(nothing.code()).isEqualTo(2);
        assertThat(nothing.err()).contains("nothing to merge");
    }

    @Test
    void mergedModelSaysWhatModelAndAdapterSay() {
        Path merged = folder.resolve("merged");
        Outcome outcome = Outcome.of("merge", "--model", model, "--adapter", ADAPTER, "--out", merged);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("merged ", "drift max", "next: inlay generate");
        Outcome two = Outcome.of("generate", "--model", model, "--adapter", ADAPTER, "--prompt", "Hello");
        Outcome one = Outcome.of("generate", "--model", merged, "--prompt", "Hello");
        assertThat(one.out()).isEqualTo(two.out());
    }

    @Test
    void adapterWithOtherPartsIsMergedLikeAnother() {
        for (String name : List.of("dora", "bias-all", "saved-head", "embedding", "tokens-of-each")) {
            Path adapter = TinyModel.RECORDED.resolve("variants").resolve(name);
            Path merged = folder.resolve(name);
            Outcome outcome = Outcome.of("merge", "--model", model, "--adapter", adapter, "--out", merged);
            assertThat(outcome.code()).as(outcome.err()).isZero();
            Outcome two = Outcome.of("generate", "--model", model, "--adapter", adapter, "--prompt", "Hello");
            Outcome one = Outcome.of("generate", "--model", merged, "--prompt", "Hello");
            assertThat(one.out()).isEqualTo(two.out()).isNotBlank();
        }
    }

    @Test
    void existingDirectoryIsNotOverwritten() {
        Outcome outcome = Outcome.of("merge", "--model", model, "--adapter", ADAPTER, "--out", model);
        assertThat(outcome.code()).isNotZero();
        assertThat(outcome.err().lines()).hasSize(1);
    }

    @Test
    void driftBeyondTheLimitIsRefusedAndLeavesNothing() {
        Path merged = folder.resolve("merged");
        Outcome outcome = Outcome.of(
                "merge",
                "--model",
                model,
                "--adapter",
                ADAPTER,
                "--out",
                merged,
                "--dtype",
                "bfloat16",
                "--max-drift",
                "1e-12");
        assertThat(outcome.code()).isEqualTo(4);
        assertThat(outcome.err().lines()).hasSize(1);
        assertThat(merged).doesNotExist();
    }

    @Test
    void A14_mergingTwiceIsRefused() {
        Path once = folder.resolve("once");
        Outcome.of("merge", "--model", model, "--adapter", ADAPTER, "--out", once);
        Outcome outcome = Outcome.of(
                "merge",
                "--model",
                once,
                "--adapter",
                ADAPTER,
                "--out",
                folder.resolve("twice"),
                "--allow",
                "other-base");
        assertThat(outcome.code()).isEqualTo(4);
        assertThat(outcome.err()).contains("merged into this model already");
    }
}
