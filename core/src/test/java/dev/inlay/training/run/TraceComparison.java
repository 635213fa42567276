package dev.inlay.training.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Whether two runs left the same trace. */
final class TraceComparison {
    private TraceComparison() {}

    /** Adapter, checkpoints and metrics, bit for bit but for timings. */
    static void assertSame(Path expected, Path actual) throws IOException {
        assertThat(names(actual)).isEqualTo(names(expected));
        assertThat(metrics(actual)).isEqualTo(metrics(expected));
        for (String name : names(expected)) {
            if (name.equals("latest") || name.equals("best") || name.contains("/")) {
                assertThat(actual.resolve(name)).as(name).hasSameBinaryContentAs(expected.resolve(name));
            }
        }
    }

    /** All files by their relative names. */
    static Set<String> names(Path run) throws IOException {
        try (Stream<Path> all = Files.walk(run)) {
            Set<String> names = new TreeSet<>();
            all.filter(Files::isRegularFile)
                    .forEach(file -> names.add(run.relativize(file).toString().replace('\\', '/')));
            return names;
        }
    }

    /** The lines without what measures time and memory. */
    static List<String> metrics(Path run) throws IOException {
        try (Stream<String> lines = Files.lines(run.resolve("metrics.jsonl"))) {
            return lines.map(line -> line.replaceAll("\"(tok_s|mem_bytes|time)\":[^,}]*", "\"$1\":0"))
                    .toList();
        }
    }
}
