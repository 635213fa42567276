package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.inlay.InlayException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InlayTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void helpIsAResultAndGoesToStandardOutput() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).startsWith("Usage: inlay");
        assertThat(err.toString()).isEmpty();
    }

    /** A stray % in a description is a warning on the standard error of the process, past all writers. */
    @Test
    void helpOfEveryCommandIsFormattedWithoutWarning() {
        PrintStream before = System.err;
        ByteArrayOutputStream warnings = new ByteArrayOutputStream();
        System.setErr(new PrintStream(warnings, true, StandardCharsets.UTF_8));
        try {
            run("--help");
            List<String> commands = commands(out.toString());
            assertThat(commands).contains("train", "mask-keys", "dynamics", "world");
            for (String command : commands) {
                out.getBuffer().setLength(0);
                assertThat(run(command, "--help")).as(command).isZero();
                for (String inner : commands(out.toString())) {
                    assertThat(run(command, inner, "--help"))
                            .as(command + " " + inner)
                            .isZero();
                }
            }
        } finally {
            System.setErr(before);
        }
        assertThat(warnings.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    /** The names in the list of commands that a help text ends with. */
    private static List<String> commands(String help) {
        int list = help.indexOf("Commands:");
        return list < 0
                ? List.of()
                : Pattern.compile("(?m)^  ([a-z][a-z-]+)  ")
                        .matcher(help.substring(list))
                        .results()
                        .map(match -> match.group(1))
                        .toList();
    }

    @Test
    void versionComesFromTheBuild() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).matches("inlay \\d+\\.\\d+\\.\\d+\\S*\\R");
    }

    @Test
    void missingCommandIsWrongUsageInOneLine() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).matches("error: a command is missing.*\\R");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void unknownOptionNamesTheNearestOne() {
        assertThat(run("--versoin")).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("error: Unknown option: '--versoin'")
                .contains("nearest: --version");
        assertThat(err.toString().lines()).hasSize(1);
    }

    @Test
    void errorOfTheCommandLineItselfIsJsonWhenAsked() throws IOException {
        assertThat(run("--json", "--versoin")).isEqualTo(2);
        JsonNode error = JsonMapper.builder().build().readTree(err.toString());
        assertThat(error.path("kind").asText()).isEqualTo("usage");
        assertThat(error.path("exit").asInt()).isEqualTo(2);
        assertThat(error.path("message").asText()).contains("--versoin");
        assertThat(error.path("found").asText()).isEqualTo("--versoin");
        assertThat(error.path("nearest").asText()).isEqualTo("--version");
        assertThat(error.path("try").asText()).isEqualTo("inlay --help");
        assertThat(error.has("expected")).isFalse();
    }

    @ParameterizedTest
    @EnumSource(InlayException.Kind.class)
    void eachKindOfFailureHasItsExitCode(InlayException.Kind kind) {
        assertThat(failWith(new InlayException(kind, "expected 1, found 2", null), false))
                .isEqualTo(kind.exitCode());
        assertThat(err.toString()).isEqualTo("error: expected 1, found 2" + System.lineSeparator());
    }

    @Test
    void stackTraceIsPrintedOnlyForDebugging() {
        failWith(InlayException.data("bad"), true);
        assertThat(err.toString()).contains("error: bad", "\tat dev.inlay");
    }

    @Test
    void fullHeapIsAMemoryFailure() {
        assertThat(failWith(new OutOfMemoryError("Java heap space"), false)).isEqualTo(5);
        assertThat(err.toString()).contains("Java heap space", "-Xmx");
    }

    @Test
    void bugOfOursIsOneLineThatNamesItsReport() throws IOException {
        assertThat(failWith(new IllegalStateException("broken"), false)).isEqualTo(1);
        assertThat(err.toString().lines()).hasSize(1);
        Path report = Path.of(err.toString().replaceFirst("(?s).*the report is in (\\S+)\\s*", "$1"));
        try {
            assertThat(report).content().contains("IllegalStateException: broken", "\tat dev.inlay");
        } finally {
            Files.delete(report);
        }
    }

    private int run(String... arguments) {
        return Inlay.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    private int failWith(Throwable failure, boolean debug) {
        return new Failures(() -> debug, () -> false).report(failure, new PrintWriter(err, true));
    }
}
