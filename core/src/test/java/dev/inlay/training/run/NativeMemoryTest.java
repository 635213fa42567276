package dev.inlay.training.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class NativeMemoryTest {
    private static final long MEGABYTE = 1_000_000;

    /** One leaked tensor per step, with its bookkeeping, is 4 MB and more over 8,000 steps; seen without one: 0.1 MB. */
    private static final long TOLERATED = 3 * MEGABYTE;

    @TempDir
    Path directory;

    @Tag("slow")
    @Test
    void tenThousandStepsNeedNoMoreMemoryThanTwoThousand() throws Exception {
        Path run = directory.resolve("run");
        Process process = JobProcess.start(run.toString(), "10000", "1000000", "2");
        List<String> output =
                new String(process.getInputStream().readAllBytes()).lines().toList();
        assertThat(output).last().isEqualTo("DONE");
        long early = resident(output.get(1999));
        long late = resident(output.get(9999));
        assertThat(late - early).as("from %,d to %,d bytes", early, late).isLessThan(TOLERATED);
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize(10_004);
    }

    private static long resident(String line) {
        return Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
    }
}
