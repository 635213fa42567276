package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.inlay.engine.DType;
import dev.inlay.testing.RandomLlama;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C in a real process. */
@Timeout(120)
class InterruptedChatTest {
    @TempDir
    Path folder;

    @Test
    void interruptionStopsTheAnswerAndNotTheProgram() throws Exception {
        assumeTrue(!System.getProperty("os.name").startsWith("Windows"), "there is no SIGINT on Windows");
        assumeTrue(
                !isIgnored(),
                "SIGINT is ignored here, as for a job in the background, and what is started inherits it");
        Process process = start(model());
        try (OutputStream typed = process.getOutputStream()) {
            typed.write("Hi\n".getBytes(StandardCharsets.UTF_8));
            typed.flush();
            assertThat(process.getInputStream().read()).isNotNegative(); // the answer grows
            new ProcessBuilder("kill", "-INT", String.valueOf(process.pid()))
                    .start()
                    .waitFor();
            typed.write("/exit\n".getBytes(StandardCharsets.UTF_8));
        }
        process.getInputStream().readAllBytes();
        String said = Files.readString(folder.resolve("err.txt"));
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        assertThat(said).contains("[stopped; ");
    }

    /** Whether this process ignores SIGINT (signal 2), where the system says so. */
    private static boolean isIgnored() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status)
                && Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                        .anyMatch(mask -> (mask & 2) != 0);
    }

    /** Its best tokens go round in a circle without the end token, so that the answer does not end by itself first. */
    private Path model() throws IOException {
        Path model = TinyModel.in(folder);
        new RandomLlama(6, 128, 256, 4, 2, 96).write(Files.createDirectory(folder.resolve("large")), DType.FLOAT32);
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.move(folder.resolve("large").resolve(name), model.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        Files.writeString(model.resolve("chat_template.jinja"), "{% for m in messages %}{{ m.content }}:{% endfor %}");
        return model;
    }

    private Process start(Path model) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        return new ProcessBuilder(
                        java.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Inlay.class.getName(),
                        "chat",
                        "--model",
                        model.toString(),
                        "--max-tokens",
                        "4000",
                        "--temperature",
                        "1")
                .redirectError(folder.resolve("err.txt").toFile())
                .start();
    }
}
