package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

/** A model of the small world that has hardly learned anything, with a tokenizer and a chat template of its own. */
final class TinyWorldModel {
    private TinyWorldModel() {}

    /** Writes the model directory below a folder. */
    static Path in(Path folder) {
        Path world = folder.resolve("world");
        Path tokenizer = folder.resolve("tokenizer");
        Path run = folder.resolve("pretrained");
        String data = world.resolve("text") + "," + world.resolve("chat");
        done("world", "--out", world, "--rows", 150, "--held-out", 4);
        done("tokenizer", "--data", data, "--size", 500, "--out", tokenizer);
        done(
                "pretrain",
                "--data",
                data,
                "--tokenizer",
                tokenizer,
                "--out",
                run,
                "--layers",
                1,
                "--width",
                16,
                "--heads",
                2,
                "--context",
                512,
                "--steps",
                3,
                "--batch-tokens",
                1000,
                "--learning-rate",
                "1e-2");
        return run.resolve("model");
    }

    private static void done(Object... words) {
        Outcome outcome = Outcome.of(words);
        assertThat(outcome.code()).as(outcome.err()).isZero();
    }
}
