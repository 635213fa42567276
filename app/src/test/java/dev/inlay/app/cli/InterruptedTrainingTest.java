package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A training process of its own that is asked to end. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a process there is ended without being asked")
class InterruptedTrainingTest {
    @TempDir
    Path folder;

    @Test
    void interruptedRunEndsWithItsCodeAndResumedGivesTheSameBytes() throws Exception {
        Path model = TinyModel.in(folder);
        Path data = TinyData.in(folder, 40);
        Path whole = folder.resolve("whole/run");
        Path broken = folder.resolve("broken/run");
        List<String> settings = List.of(
                "train",
                "--model",
                model.toString(),
                "--data",
                data.toString(),
                "--batch",
                "4",
                "--rank",
                "4",
                "--steps",
                "400",
                "--eval-every",
                "0",
                "--save-every",
                "0",
                "--threads",
                "1",
                "--out");

        Outcome interrupted = interruptAfterFirstStep(settings, broken);
        assertThat(interrupted.code()).as(interrupted.err()).isEqualTo(7);
        assertThat(interrupted.err())
                .containsPattern("error: interrupted after step \\d+; .*checkpoint-\\d{6} is complete")
                .contains("inlay train --resume " + broken);
        assertThat(broken.resolve("adapter")).doesNotExist();

        Outcome resumed = Outcome.of("train", "--resume", broken, "--quiet");
        assertThat(resumed.code()).as(resumed.err()).isZero();
        Object[] words = Stream.concat(settings.stream(), Stream.of(whole)).toArray();
        assertThat(Outcome.of(words).code()).isZero();
        assertThat(broken.resolve("adapter/adapter_model.safetensors"))
                .hasSameBinaryContentAs(whole.resolve("adapter/adapter_model.safetensors"));
    }

    private static Outcome interruptAfterFirstStep(List<String> settings, Path run)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Inlay.class.getName()));
        command.addAll(settings);
        command.add(run.toString());
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        StringBuilder err = new StringBuilder();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                err.append(line).append('\n');
                if (line.startsWith("step 1/")) {
                    process.toHandle().destroy(); // the process itself would close its streams, too
                }
            }
        }
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return new Outcome(process.exitValue(), "", err.toString());
    }
}
