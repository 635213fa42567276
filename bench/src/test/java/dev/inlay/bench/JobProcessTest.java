package dev.inlay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.bench.JobProcess.Done;
import dev.inlay.bench.JobProcess.Failed;
import dev.inlay.bench.JobProcess.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobProcessTest {
    @Test
    void theReportIsTheLastLineOfTheProcess() {
        Outcome outcome = run(Prints.class, "first line", "{\"a\": 2}", "");
        assertThat(((Done) outcome).report().path("a").asInt()).isEqualTo(2);
    }

    @Test
    void aLastLineThatIsNoObjectIsAFailure() {
        assertThat(((Failed) run(Prints.class, "{\"a\": 2}", "[1]")).reason()).contains("no JSON object: [1]");
        assertThat(((Failed) run(Prints.class, "words")).reason()).contains("no JSON object: words");
    }

    @Test
    void aProcessThatFailsIsNamedByItsExitCodeAndItsLastWord() {
        assertThat(((Failed) run(Fails.class)).reason()).isEqualTo("exit code 3: error: the reason");
    }

    @Test
    void aProcessBeyondItsTimeIsEnded() {
        List<String> command = Commands.java(Hangs.class);
        Outcome outcome = JobProcess.run(command, Duration.ofMillis(1));
        assertThat(((Failed) outcome).reason()).contains("took longer");
        assertThat(ProcessHandle.current().children()).noneMatch(ProcessHandle::isAlive);
    }

    @Test
    void aProgramThatDoesNotExistIsAFailureNotACrash() {
        Outcome outcome = JobProcess.run(List.of("/no/such/program"), Duration.ofSeconds(1));
        assertThat(((Failed) outcome).reason()).contains("/no/such/program");
    }

    @Test
    void noSettingOfThreadPoolsReachesAJob() {
        assertThat(JobProcess.builder(List.of("x")).environment().keySet())
                .noneMatch(name -> name.startsWith("OMP_") || name.startsWith("OPENBLAS_"));
    }

    private static Outcome run(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(Commands.java(main));
        command.addAll(List.of(arguments));
        return JobProcess.run(command, Duration.ofMinutes(1));
    }

    /** Prints its arguments, one per line. */
    static final class Prints {
        public static void main(String[] arguments) {
            List.of(arguments).forEach(System.out::println);
        }
    }

    static final class Fails {
        public static void main(String[] arguments) {
            System.err.println("a warning");
            System.err.println("error: the reason");
            System.exit(3);
        }
    }

    static final class Hangs {
        public static void main(String[] arguments) throws InterruptedException {
            Thread.currentThread().join();
        }
    }
}
