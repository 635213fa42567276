package dev.inlay.training.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.model.files.AtomicDirectory;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose process is killed again and again, and which must not show it. */
class KilledRunTest {
    private static final int STEPS = 90;
    private static final int KILLS = 20;

    @TempDir
    Path directory;

    @Test
    void H20_aRunKilledTwentyTimesEndsWithTheBytesOfOneThatWasNot() throws Exception {
        long seed = Long.getLong("inlay.seed", System.nanoTime());
        Random random = new Random(seed);
        Path killed = directory.resolve("killed/run");
        int inSaves = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            Process process = JobProcess.start(killed.toString(), "" + STEPS, "2", "" + (1 + kill % 2));
            if (kill % 2 == 0) {
                killAtRandom(process, random);
            } else {
                killInSave(process, killed);
            }
            assertThat(process.waitFor()).as("killed, not ended; seed %d", seed).isEqualTo(137);
            inSaves +=
                    Files.exists(killed) && !AtomicDirectory.leftovers(killed).isEmpty() ? 1 : 0;
        }
        assertThat(inSaves).as("kills that fell into a save").isPositive();
        Process last = JobProcess.start(killed.toString(), "" + STEPS, "2", "2");
        String output = new String(last.getInputStream().readAllBytes());
        assertThat(output)
                .as("seed %d", seed)
                .contains("note resumed from checkpoint-")
                .endsWith("DONE\n");
        Path whole = directory.resolve("whole/run");
        TinyJob.run(whole, TinyJob.options(STEPS), 1);
        TraceComparison.assertSame(whole, killed);
    }

    /** After some lines of its output, and some more time. */
    private static void killAtRandom(Process process, Random random) throws Exception {
        int lines = random.nextInt(6);
        try (BufferedReader output = process.inputReader()) {
            for (int i = 0; i < lines; i++) {
                assertThat(output.readLine()).isNotNull();
            }
            process.waitFor(random.nextInt(20_000), TimeUnit.MICROSECONDS);
            process.destroyForcibly();
        }
    }

    /** While a temporary file or directory is there. */
    private static void killInSave(Process process, Path run) throws IOException {
        try (BufferedReader output = process.inputReader()) {
            assertThat(output.readLine()).isNotNull();
            while (process.isAlive() && AtomicDirectory.leftovers(run).isEmpty()) {
                Thread.onSpinWait();
            }
            process.destroyForcibly();
        }
    }
}
