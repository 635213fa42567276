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
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A training process of its own that is asked to end, or killed. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a process there is ended without being asked")
class InterruptedTrainingTest {
    @TempDir
    Path folder;

    @Test
    void interruptedRunEndsWithItsCodeAndResumedGivesTheSameBytes() throws Exception {
        List<String> settings = settings("--steps", "400", "--save-every", "0");
        Path broken = folder.resolve("broken/run");
        Outcome interrupted = endAfter("step 1/", ProcessHandle::destroy, settings, broken);
        assertThat(interrupted.code()).as(interrupted.err()).isEqualTo(7);
        assertThat(interrupted.err())
                .containsPattern("error: interrupted after step \\d+; .*checkpoint-\\d{6} is complete")
                .contains("inlay train --resume " + broken);
        assertThat(broken.resolve("adapter")).doesNotExist();
        assertResumedGivesTheSameBytes(settings, broken);
    }

    /** SIGKILL leaves the process no moment to save anything; dropout shows whether its numbers go on where they stood. */
    @Test
    void killedRunResumedFromItsCheckpointGivesTheSameBytes() throws Exception {
        List<String> settings = settings("--steps", "90", "--save-every", "10", "--dropout", "0.1");
        Path broken = folder.resolve("broken/run");
        Outcome killed = endAfter("saved checkpoint-000020", ProcessHandle::destroyForcibly, settings, broken);
        assertThat(killed.code()).as(killed.err()).isEqualTo(137);
        assertThat(killed.err()).doesNotContain("error:", "saved checkpoint-000090");
        assertThat(broken.resolve("adapter")).doesNotExist();
        assertResumedGivesTheSameBytes(settings, broken);
    }

    private List<String> settings(String... more) throws IOException {
        List<String> settings = new ArrayList<>(List.of(
                "train",
                "--model",
                TinyModel.in(folder).toString(),
                "--data",
                TinyData.in(folder, 40).toString(),
                "--batch",
                "4",
                "--rank",
                "4",
                "--eval-every",
                "0",
                "--threads",
                "1"));
        settings.addAll(List.of(more));
        settings.add("--out");
        return settings;
    }

    private void assertResumedGivesTheSameBytes(List<String> settings, Path broken) {
        Outcome resumed = Outcome.of("train", "--resume", broken);
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.err()).contains("resumed from checkpoint-");
        Path whole = folder.resolve("whole/run");
        Object[] words = Stream.concat(settings.stream(), Stream.of(whole)).toArray();
        assertThat(Outcome.of(words).code()).isZero();
        assertThat(broken.resolve("adapter/adapter_model.safetensors"))
                .hasSameBinaryContentAs(whole.resolve("adapter/adapter_model.safetensors"));
    }

    /** A run in a process of its own, ended as soon as it says so much. */
    private static Outcome endAfter(String said, Consumer<ProcessHandle> end, List<String> settings, Path run)
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
                if (line.startsWith(said)) {
                    end.accept(process.toHandle()); // the process itself would close its streams, too
                }
            }
        }
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return new Outcome(process.exitValue(), "", err.toString());
    }
}
