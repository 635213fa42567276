package dev.inlay.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.InlayException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A fixed number of mutants of the project's own seeds; {@link Fuzz} runs more of them. */
class FuzzTest {
    private static final long SEED = 1;
    private static final Duration HANGING = Duration.ofMinutes(5);

    @TempDir
    Path workshop;

    @ParameterizedTest
    @CsvSource({
        "safetensors, 2000",
        "index, 1500",
        "config, 2000",
        "settings, 3000",
        "template, 4000",
        "adapter-config, 4000",
        "adapter, 1500",
        "rows, 4000",
        "run, 300"
    })
    void onlyNamedErrorsComeOut(String reader, int mutants) {
        Fuzzer fuzzer = new Fuzzer(Targets.named(reader, false), SEED, workshop);
        Assertions.assertTimeoutPreemptively(HANGING, () -> {
            long before = openFiles();
            Fuzzer.Report report = fuzzer.run(0, mutants, number -> {});
            assertThat(report.accepted()).isPositive().isLessThan(mutants);
            assertThat(openFiles()).as("files left open").isLessThan(before + 50);
        });
    }

    /** The native library ends the process where it fails, so it has one of its own. */
    @Test
    void noTokenizerFileEndsTheProcess() throws IOException, InterruptedException {
        List<String> said = new ArrayList<>();
        int findings = new Fuzz("tokenizer", "own", SEED, workshop, said::add).run(0, 1000);
        assertThat(findings).as(String.join("\n", said)).isZero();
    }

    @ParameterizedTest
    @MethodSource("readers")
    void theSeedsAreGood(String reader) {
        new Fuzzer(Targets.named(reader, false), SEED, workshop).readSeeds();
    }

    static Stream<String> readers() {
        return Targets.all(false).keySet().stream();
    }

    @Test
    void anythingButANamedErrorIsFoundWithTheNumberThatRepeatsIt() {
        assertFound("ArithmeticException", directory -> {
            throw new ArithmeticException();
        });
        assertFound("StackOverflowError", directory -> {
            throw new StackOverflowError();
        });
        assertFound("an error of kind USAGE", directory -> {
            throw InlayException.usage("%s: no", directory);
        });
        assertFound("does not name the file", directory -> {
            throw InlayException.data("it is bad");
        });
        assertFound("the directory holds", directory -> write(directory.resolve("left")));
    }

    private void assertFound(String what, Target.Reading reading) {
        Target target = new Target("broken", Set.of(Kind.DATA), List.of(Seed.of("a.json", "{}")), reading);
        assertThatThrownBy(() -> new Fuzzer(target, SEED, workshop).run(7, 10, number -> {}))
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll("mutant 7 of broken, seed 1", what);
    }

    private static void write(Path file) {
        try {
            Files.writeString(file, "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Files that this process holds open; none where the system does not tell. */
    private static long openFiles() throws IOException {
        Path open = Path.of("/proc/self/fd");
        if (!Files.isDirectory(open)) {
            return 0;
        }
        try (Stream<Path> each = Files.list(open)) {
            return each.count();
        }
    }
}
