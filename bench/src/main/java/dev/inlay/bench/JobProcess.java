package dev.inlay.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A job in a process of its own, with a limit on its time. */
final class JobProcess {
    /** What came of it. */
    sealed interface Outcome permits Done, Failed {}

    /** The JSON object of its last line. */
    record Done(JsonNode report) implements Outcome {}

    /** Why there is none, in one line. */
    record Failed(String reason) implements Outcome {}

    /** Settings of thread pools and allocators that would change one side and not the other. */
    private static final List<String> FOREIGN =
            List.of("OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "MALLOC_", "LD_PRELOAD", "JAVA_TOOL_OPTIONS");

    private JobProcess() {}

    static Outcome run(List<String> command, Duration limit) {
        try {
            Path out = Files.createTempFile("inlay-bench", ".out");
            Path err = Files.createTempFile("inlay-bench", ".err");
            try {
                Process process = builder(command)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
                return outcome(process, limit, out, err);
            } finally {
                Files.deleteIfExists(out);
                Files.deleteIfExists(err);
            }
        } catch (IOException e) {
            return new Failed("cannot start " + command.get(0) + ": " + e.getMessage());
        }
    }

    /** A process whose environment says nothing of threads, and that asks no network. */
    static ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> FOREIGN.stream().anyMatch(name::startsWith));
        environment.put("HF_HUB_OFFLINE", "1");
        return builder;
    }

    private static Outcome outcome(Process process, Duration limit, Path out, Path err) throws IOException {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                return new Failed("took longer than " + limit.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Failed("interrupted");
        } finally {
            end(process);
        }
        if (process.exitValue() != 0) {
            return new Failed("exit code " + process.exitValue() + ": " + lastLine(err));
        }
        return report(lastLine(out));
    }

    static Outcome report(String line) {
        try {
            JsonNode report = new ObjectMapper().readTree(line);
            return report.isObject() ? new Done(report) : new Failed("its last line is no JSON object: " + line);
        } catch (JsonProcessingException e) {
            return new Failed("its last line is no JSON object: " + line);
        }
    }

    /** Waits for the end, so that a job that ran out of time does not disturb the next. */
    static void end(Process process) {
        try (Stream<ProcessHandle> children = process.descendants()) {
            children.forEach(ProcessHandle::destroyForcibly);
        }
        process.destroyForcibly().onExit().join();
    }

    private static String lastLine(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .reduce("", (before, line) -> line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
