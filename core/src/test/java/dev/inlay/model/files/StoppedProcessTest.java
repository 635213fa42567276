package dev.inlay.model.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.model.files.AtomicDirectory.Existing;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that really end in the middle of a save, as by {@code kill -9}: no handler, no cleaning up. */
class StoppedProcessTest {
    private static final int STOPPED = 137;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"file-half-written", "file-before-rename"})
    void H20_aStoppedSaveLeavesTheOldFileWholeAndTheNextOneSucceeds(String point) throws Exception {
        Path latest = directory.resolve("latest");
        AtomicFile.write(latest, "old");
        assertThat(saveAndStop(point, latest)).isEqualTo(STOPPED);
        assertThat(latest).hasContent("old");
        assertThat(AtomicDirectory.leftovers(directory)).hasSize(1);
        AtomicFile.write(latest, "next");
        assertThat(latest).hasContent("next");
    }

    @ParameterizedTest
    @ValueSource(strings = {"directory-half-written", "directory-before-rename"})
    void H20_aStoppedSaveNeverShowsHalfADirectory(String point) throws Exception {
        Path step = directory.resolve("step-1");
        assertThat(saveAndStop(point, step)).isEqualTo(STOPPED);
        assertThat(step).doesNotExist();
        assertThat(AtomicDirectory.leftovers(directory)).hasSize(1);
        AtomicDirectory.write(step, Existing.REFUSE, path -> Files.writeString(path.resolve("a"), "1"), path -> {});
        assertThat(step.resolve("a")).hasContent("1");
    }

    @Test
    void aProcessThatIsNotStoppedSaves() throws Exception {
        assertThat(saveAndStop("never", directory.resolve("latest"))).isZero();
        assertThat(directory.resolve("latest")).hasContent("new");
        assertThat(AtomicDirectory.leftovers(directory)).isEmpty();
    }

    private static int saveAndStop(String point, Path target) throws Exception {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        StoppedProcessTest.class.getName(),
                        point,
                        target.toString()))
                .inheritIO()
                .start()
                .waitFor();
    }

    /** Saves and stops at the point named by the first argument; the second one is the target. */
    public static void main(String[] arguments) {
        String point = arguments[0];
        Path target = Path.of(arguments[1]);
        if (point.startsWith("directory")) {
            AtomicDirectory.write(
                    target,
                    Existing.REFUSE,
                    path -> {
                        Files.writeString(path.resolve("a"), "1");
                        stopAt(point, "directory-half-written");
                    },
                    written -> stopAt(point, "directory-before-rename"));
        } else {
            AtomicFile.write(
                    target,
                    3,
                    channel -> {
                        channel.write(ByteBuffer.wrap(new byte[] {'n'}));
                        stopAt(point, "file-half-written");
                        channel.write(ByteBuffer.wrap(new byte[] {'e', 'w'}));
                    },
                    written -> stopAt(point, "file-before-rename"));
        }
    }

    private static void stopAt(String chosen, String here) {
        if (chosen.equals(here)) {
            Runtime.getRuntime().halt(STOPPED);
        }
    }
}
