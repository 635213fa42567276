package dev.inlay.app.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher in a checkout of its own, with a Java that prints its arguments and a Maven that only notes its calls and
 * leaves the files of a build.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a POSIX shell script")
class LauncherTest {
    private static final String MAIN = "dev.inlay.app.cli.Inlay";

    private static final String JAVA = """
            #!/bin/sh
            case "$*" in *ArchiveClassesAtExit*) exit 0 ;; esac
            printf '%s\\n' "$@"
            exit 6
            """;

    private static final String MAVEN = """
            #!/bin/sh
            echo "built in $PWD with $*" >>../calls
            [ ! -f ../broken ] || { echo "[ERROR] it does not compile"; exit 1; }
            mkdir -p core/target app/target
            touch core/target/inlay-core.jar app/target/inlay-app.jar
            echo /a/library.jar >app/target/classpath
            """;

    @TempDir
    Path folder;

    private Path checkout;
    private Path jdk;
    private Path tools;

    @BeforeEach
    void layOut() throws IOException {
        folder = folder.toRealPath();
        checkout = Files.createDirectories(folder.resolve("a check out"));
        tools = folder.resolve("tools");
        jdk = folder.resolve("a jdk");
        for (String source :
                List.of("core/src/main/A.java", "app/src/main/B.java", "core/pom.xml", "app/pom.xml", "pom.xml")) {
            write(checkout.resolve(source), "");
        }
        Files.copy(repository().resolve("inlay"), checkout.resolve("inlay"), StandardCopyOption.COPY_ATTRIBUTES);
        executable(jdk.resolve("bin/java"), JAVA);
        write(jdk.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"17.0.9\"\n");
        executable(tools.resolve("mvn"), MAVEN);
    }

    @Test
    void argumentsArePassedOnUntouched() throws Exception {
        List<String> arguments = List.of("train", "two words", "", "$HOME", "*", "\"quoted\"", "-x=y", "back\\slash");
        Outcome outcome = run(checkout.resolve("inlay"), arguments);
        List<String> seen = outcome.out.lines().toList();
        assertThat(seen.subList(seen.indexOf(MAIN) + 1, seen.size())).isEqualTo(arguments);
    }

    @Test
    void exitCodeIsThatOfTheCommand() throws Exception {
        assertThat(run(checkout.resolve("inlay"), List.of("train")).code).isEqualTo(6);
    }

    @Test
    void classPathIsTheAppAndWhatTheBuildListed() throws Exception {
        assertThat(run(checkout.resolve("inlay"), List.of()).out)
                .contains("-cp\n" + checkout + "/app/target/inlay-app.jar:/a/library.jar\n" + MAIN);
    }

    @Test
    void builtOnFirstUseOnly() throws Exception {
        run(checkout.resolve("inlay"), List.of());
        run(checkout.resolve("inlay"), List.of());
        assertThat(calls()).hasSize(1).first().asString().startsWith("built in " + checkout + " with");
    }

    @Test
    void builtAgainWhenASourceIsNewer() throws Exception {
        run(checkout.resolve("inlay"), List.of());
        FileTime later = FileTime.from(Instant.now().plusSeconds(60));
        Files.setLastModifiedTime(checkout.resolve("core/src/main/A.java"), later);
        run(checkout.resolve("inlay"), List.of());
        assertThat(calls()).hasSize(2);
    }

    @Test
    void failedBuildShowsWhatMavenSaidAndIsNotTakenForABuild() throws Exception {
        write(folder.resolve("broken"), "");
        for (int start = 0; start < 2; start++) {
            Outcome outcome = run(checkout.resolve("inlay"), List.of());
            assertThat(outcome.code).isEqualTo(1);
            assertThat(outcome.err).contains("it does not compile", "error: the build failed");
            assertThat(outcome.out).isEmpty();
        }
        assertThat(calls()).hasSize(2);
    }

    @Test
    void foundThroughRelativeAndAbsoluteLinks() throws Exception {
        Path links = Files.createDirectories(folder.resolve("bin of links"));
        Path relative = Files.createSymbolicLink(links.resolve("relative"), Path.of("../a check out/inlay"));
        Path chained = Files.createSymbolicLink(links.resolve("chained"), relative);
        assertThat(run(chained, List.of()).out).contains(checkout + "/app/target/inlay-app.jar");
    }

    @Test
    void olderJavaIsNamedWithItsPlace() throws Exception {
        write(jdk.resolve("release"), "JAVA_VERSION=\"11.0.2\"\n");
        Outcome outcome = run(checkout.resolve("inlay"), List.of());
        assertThat(outcome.code).isEqualTo(2);
        assertThat(outcome.err)
                .isEqualTo(
                        "error: Inlay needs Java 17 or newer, found 11.0.2 at " + jdk + "/bin/java; set JAVA_HOME\n");
    }

    @Test
    void javaWithoutAReleaseFileIsAsked() throws Exception {
        Files.delete(jdk.resolve("release"));
        executable(jdk.resolve("bin/java"), "#!/bin/sh\necho 'java version \"1.8.0_402\"' >&2\n");
        Outcome outcome = run(checkout.resolve("inlay"), List.of());
        assertThat(outcome.code).isEqualTo(2);
        assertThat(outcome.err).contains("found 1.8.0_402");
    }

    @Test
    void nativeAccessIsGrantedOnlyWhereJavaKnowsTheOption() throws Exception {
        assertThat(run(checkout.resolve("inlay"), List.of()).out).doesNotContain("native-access");
        write(jdk.resolve("release"), "JAVA_VERSION=\"25.0.3\"\n");
        assertThat(run(checkout.resolve("inlay"), List.of()).out).contains("--enable-native-access=ALL-UNNAMED\n");
    }

    private record Outcome(int code, String out, String err) {}

    private Outcome run(Path launcher, List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(arguments);
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().putAll(Map.of("JAVA_HOME", jdk.toString(), "PATH", tools + ":" + System.getenv("PATH")));
        Process process = builder.start();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return new Outcome(process.exitValue(), Files.readString(out, UTF_8), Files.readString(err, UTF_8));
    }

    private List<String> calls() throws IOException {
        return Files.readAllLines(folder.resolve("calls"));
    }

    private static Path repository() {
        Path place = Path.of("").toAbsolutePath();
        while (!Files.isExecutable(place.resolve("inlay"))) {
            place = place.getParent();
        }
        return place;
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void executable(Path file, String text) throws IOException {
        write(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
