package dev.inlay.model.files;

import static dev.inlay.model.files.HostileFile.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.model.files.AtomicDirectory.Existing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicWritingTest {
    @TempDir
    Path directory;

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aFileIsCreatedAndReplaced() throws IOException {
        Path latest = directory.resolve("latest");
        AtomicFile.write(latest, "step-1\n");
        AtomicFile.write(latest, "step-2\n");
        assertThat(latest).hasContent("step-2\n");
        assertThat(names()).containsExactly("latest");
    }

    @Test
    void aReaderOfTheOldFileKeepsIt() throws IOException {
        Path file = directory.resolve("file");
        AtomicFile.write(file, "old");
        try (var channel = RegularFile.open(file)) {
            AtomicFile.write(file, "new");
            ByteBuffer read = ByteBuffer.allocate(3);
            channel.read(read, 0);
            assertThat(new String(read.array(), java.nio.charset.StandardCharsets.UTF_8))
                    .isEqualTo("old");
        }
    }

    @Test
    void H19_fullDiskNamesTheBytesNeededAndLeavesTheOldFile() throws IOException {
        Path file = directory.resolve("file");
        AtomicFile.write(file, "old");
        assertThat(refusal(() -> AtomicFile.write(
                                file,
                                123_456,
                                channel -> {
                                    channel.write(ByteBuffer.wrap(new byte[1000]));
                                    throw new IOException("No space left on device");
                                },
                                written -> {}))
                        .getMessage())
                .contains(file.toString(), "disk is full", "123456 bytes are needed");
        assertThat(file).hasContent("old");
        assertThat(names()).containsExactly("file");
    }

    @Test
    void afterAnyFailureNothingIsLeftBehind() throws IOException {
        Path file = directory.resolve("file");
        assertThatThrownBy(() -> AtomicFile.write(
                        file,
                        1,
                        channel -> {
                            throw new IllegalStateException("bug");
                        },
                        written -> {}))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> AtomicFile.write(file, 0, channel -> {}, written -> {
                    throw InlayException.data("not valid");
                }))
                .isInstanceOf(InlayException.class);
        assertThat(refusal(() -> AtomicFile.write(directory.resolve("no/file"), "x"))
                        .getMessage())
                .contains("does not exist");
        assertThat(names()).isEmpty();
    }

    @Test
    void aFileNeverTakesThePlaceOfADirectory() throws IOException {
        Path folder = Files.createDirectory(directory.resolve("folder"));
        assertThat(refusal(() -> AtomicFile.write(folder, "x")).getMessage()).contains(folder.toString());
        assertThat(folder).isDirectory();
        assertThat(names()).containsExactly("folder");
    }

    @Test
    void aDirectoryAppearsWholeWithItsSubdirectories() throws IOException {
        Path target = directory.resolve("checkpoint");
        AtomicDirectory.write(
                target,
                Existing.REFUSE,
                temporary -> {
                    assertThat(temporary.getParent()).isEqualTo(directory);
                    assertThat(target).doesNotExist();
                    Files.writeString(temporary.resolve("a"), "1");
                    Files.createDirectory(temporary.resolve("inner"));
                    Files.writeString(temporary.resolve("inner/b"), "2");
                },
                written -> assertThat(written.resolve("inner/b")).hasContent("2"));
        assertThat(target.resolve("a")).hasContent("1");
        assertThat(names()).containsExactly("checkpoint");
    }

    @Test
    void anExistingDirectoryIsRefusedUnlessEmpty() throws IOException {
        Path target = Files.createDirectory(directory.resolve("run"));
        AtomicDirectory.write(target, Existing.REFUSE, path -> Files.writeString(path.resolve("a"), "1"), path -> {});
        assertThatThrownBy(() -> AtomicDirectory.write(target, Existing.REFUSE, path -> {}, path -> {}))
                .isInstanceOfSatisfying(
                        InlayException.class, e -> assertThat(e.kind()).isEqualTo(InlayException.Kind.USAGE))
                .hasMessageContaining("exists already");
        assertThat(target.resolve("a")).hasContent("1");
    }

    @Test
    void aDirectoryIsReplacedOnlyWhenTheNewOneIsValid() throws IOException {
        Path target = directory.resolve("best");
        AtomicDirectory.write(target, Existing.REFUSE, path -> Files.writeString(path.resolve("a"), "1"), path -> {});
        assertThatThrownBy(() -> AtomicDirectory.write(target, Existing.REPLACE, path -> {}, path -> {
                    throw InlayException.data("not valid");
                }))
                .isInstanceOf(InlayException.class);
        assertThat(target.resolve("a")).hasContent("1");
        AtomicDirectory.write(target, Existing.REPLACE, path -> Files.writeString(path.resolve("b"), "2"), path -> {});
        assertThat(target.resolve("a")).doesNotExist();
        assertThat(target.resolve("b")).hasContent("2");
        assertThat(names()).containsExactly("best");
    }

    @Test
    void leftoversOfAStoppedProcessAreFoundAndNothingElse() throws IOException {
        Path[] seen = new Path[1];
        AtomicDirectory.write(directory.resolve("x"), Existing.REFUSE, path -> seen[0] = path, path -> {});
        Files.createDirectory(seen[0]);
        Files.createDirectory(directory.resolve(".hidden"));
        assertThat(AtomicDirectory.leftovers(directory)).containsExactly(seen[0]);
    }

    @Test
    void whatALinkPointsToIsNeverDeleted() throws IOException {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.writeString(outside.resolve("precious"), "kept");
        assertThatThrownBy(() -> AtomicDirectory.write(
                        directory.resolve("x"),
                        Existing.REFUSE,
                        path -> Files.createSymbolicLink(path.resolve("link"), outside),
                        path -> {
                            throw InlayException.data("not valid");
                        }))
                .isInstanceOf(InlayException.class);
        assertThat(outside.resolve("precious")).hasContent("kept");
        assertThat(names()).containsExactly("outside");
    }
}
