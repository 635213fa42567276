package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.engine.DType;
import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.testing.RandomLlama;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Processes of their own that are asked to end while they write. */
@Timeout(300)
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a process there is ended without being asked")
class InterruptedWritingTest {
    @TempDir
    Path folder;

    private Path out;

    @BeforeEach
    void lay() throws IOException {
        out = Files.createDirectory(folder.resolve("out"));
    }

    @Test
    void aMergeLeavesNothing() throws Exception {
        Path model = Files.createDirectory(folder.resolve("model"));
        new RandomLlama(8, 512, 1024, 8, 8, 4096).write(model, DType.FLOAT32);
        assertNothingIsLeft("merge", "--model", model, "--dtype", "float64", "--out", out.resolve("merged"));
    }

    @Test
    void aWorldOfManyRowsLeavesNothing() throws Exception {
        assertNothingIsLeft("world", "--rows", 3_000_000, "--out", out.resolve("world"));
    }

    /** What is read is made before, so that only the end of writing can end the process earlier than asked. */
    private void assertNothingIsLeft(Object... words) throws IOException, InterruptedException {
        Path err = folder.resolve("err.txt");
        Process process = new ProcessBuilder(command(words))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(err.toFile())
                .start();
        while (process.isAlive() && AtomicDirectory.leftovers(out).isEmpty()) {
            process.waitFor(5, TimeUnit.MILLISECONDS);
        }
        process.destroy();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        String said = Files.readString(err);
        assertThat(process.exitValue()).as(said).isEqualTo(7);
        assertThat(said.lines().filter(line -> line.startsWith("error: ")))
                .containsExactly("error: interrupted; nothing half-written is left");
        try (Stream<Path> left = Files.list(out)) {
            assertThat(left).isEmpty();
        }
    }

    private static List<String> command(Object... words) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Inlay.class.getName()));
        for (Object word : words) {
            command.add(word.toString());
        }
        return command;
    }
}
