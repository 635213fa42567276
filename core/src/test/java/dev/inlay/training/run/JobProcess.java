package dev.inlay.training.run;

import dev.inlay.InlayException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a {@link TinyJob} in a process of its own, which tests stop as they like. */
final class JobProcess {
    private JobProcess() {}

    /** Starts {@link #main} with these arguments; its errors go to the test's, its output can be read. */
    static Process start(String... arguments) throws IOException {
        return new ProcessBuilder(command(arguments))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** The command line; a small heap that is fully mapped at once, so that native memory shows. */
    static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xms64m",
                "-Xmx64m",
                "-XX:+AlwaysPreTouch",
                "-cp",
                System.getProperty("java.class.path"),
                JobProcess.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /**
     * Arguments: run directory, steps, steps between checkpoints, threads. Prints a line after each step and note, and one
     * with the status at the end; a failure is one line, and its exit code.
     */
    public static void main(String[] arguments) {
        int steps = Integer.parseInt(arguments[1]);
        int every = Integer.parseInt(arguments[2]);
        int evaluate = every == 2 ? 3 : 0;
        try (TinyJob job = new TinyJob(TinyJob.options(steps, evaluate, 0, every), Integer.parseInt(arguments[3]))) {
            System.out.println(job.run(Path.of(arguments[0]), new Printing()).status());
        } catch (InlayException e) {
            System.out.println(e.getMessage());
            System.exit(e.kind().exitCode());
        }
    }

    private static final class Printing implements RunDisplay {
        @Override
        public void stepped(StepRecord step) {
            int number = step.report().step();
            System.out.println("step " + number + " resident " + step.memory().resident());
        }

        @Override
        public void noted(String line) {
            System.out.println("note " + line);
        }
    }
}
