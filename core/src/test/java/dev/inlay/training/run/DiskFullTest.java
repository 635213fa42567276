package dev.inlay.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.inlay.InlayException;
import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.training.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Runs that cannot write: on a file system of a few kilobytes, and under a limit on the size of files. */
@EnabledOnOs(OS.LINUX)
class DiskFullTest {
    private static final int STEPS = 400;

    @TempDir
    Path directory;

    @Test
    void H19_aFullDiskLeavesTheLastCheckpointAndNamesTheBytesNeeded() throws Exception {
        assumeTrue(succeeds("unshare", "-r", "-m", "true"), "skipped: this user may not mount a small file system");
        Path small = Files.createDirectory(directory.resolve("small"));
        Path kept = directory.resolve("kept");
        String script = "mount -t tmpfs -o size=160k tmpfs '" + small + "' && \"$@\"; code=$?; cp -r '" + small + "' '"
                + kept + "'; exit $code";
        List<String> command = new ArrayList<>(List.of("unshare", "-r", "-m", "sh", "-c", script, "sh"));
        command.addAll(JobProcess.command(small.resolve("run").toString(), "" + STEPS, "50", "1"));
        Process process = start(command);
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isEqualTo(InlayException.Kind.DATA.exitCode());
        assertThat(output)
                .containsPattern("the disk is full: \\d+ bytes are needed for a checkpoint, \\d+ are free")
                .contains("is intact");
        assertResumes(kept.resolve("run"), STEPS, "50");
    }

    @Test
    void H19_aSaveThatFailsHalfwayLeavesTheLastCheckpoint() throws Exception {
        Path run = directory.resolve("limited/run");
        stopAfterFourSteps(run);
        // 16 blocks of 512 bytes: room for the adapter, not for the moments.
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -f 16; exec \"$@\"", "sh"));
        command.addAll(JobProcess.command(run.toString(), "10", "4", "1"));
        Process process = start(command);
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isEqualTo(InlayException.Kind.DATA.exitCode());
        assertThat(output).contains("optimiser.safetensors: cannot be written: ");
        assertThat(AtomicDirectory.leftovers(run)).isEmpty();
        assertResumes(run, 10, "4");
    }

    private static void stopAfterFourSteps(Path run) {
        try (TinyJob job = new TinyJob(TinyJob.options(10, 0, 0, 4), 1)) {
            job.run(run, new RunDisplay() {
                @Override
                public void saved(String checkpoint, Progress progress) {
                    job.trainer().requestStop();
                }
            });
        }
        assertThat(run.resolve("latest")).hasContent("checkpoint-000004");
    }

    /** With room again the run ends like one that always had it. */
    private void assertResumes(Path run, int steps, String every) throws Exception {
        Process process = JobProcess.start(run.toString(), "" + steps, every, "1");
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(output).contains("note resumed from checkpoint-").endsWith("DONE\n");
        Path whole = directory.resolve("whole/run");
        TinyJob.run(whole, TinyJob.options(steps, 0, 0, Integer.parseInt(every)), 1);
        TraceComparison.assertSame(whole, run);
    }

    private static Process start(List<String> command) throws Exception {
        command.add(command.indexOf("-cp"), "-XX:-UsePerfData"); // a file of the JVM's own, above the limit
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static boolean succeeds(String... command) throws Exception {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
        } catch (java.io.IOException e) {
            return false; // there is no such program
        }
    }
}
