package dev.inlay.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.inlay.InlayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class DataSourceTest {
    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void writeRows() throws IOException {
        file = Files.writeString(directory.resolve("train.jsonl"), "{\"text\": \"a\"}\n");
    }

    @Test
    void directoryGivesItsThreeFiles() throws IOException {
        Files.writeString(directory.resolve("valid.jsonl"), "{\"text\": \"b\"}\n{\"text\": \"c\"}\n");
        Files.writeString(directory.resolve("test.jsonl"), "{\"text\": \"d\"}\n");
        Files.writeString(directory.resolve("README.md"), "not rows");
        DataSource source = read(directory);
        assertThat(source.train().size()).isEqualTo(1);
        assertThat(source.validation().orElseThrow().size()).isEqualTo(2);
        assertThat(source.test().orElseThrow().size()).isEqualTo(1);
        assertThat(source.files()).hasSize(3);
    }

    @Test
    void directoryNeedsTrainOnly() {
        assertThat(read(directory).validation()).isEmpty();
    }

    @Test
    void directoryWithoutTrainAndUnknownEndingsAreRefused() throws IOException {
        assertRefused(Files.createDirectory(directory.resolve("empty")), "train.jsonl");
        assertRefused(Files.writeString(directory.resolve("rows.csv"), "a,b"), "rows.csv", ".jsonl");
        assertRefused(directory.resolve("absent.jsonl"), "absent.jsonl", "does not exist");
    }

    @Test
    void stampHoldsSizeAndHash() {
        FileStamp stamp = read(file).files().get(0);
        assertThat(stamp.bytes()).isEqualTo(14);
        assertThat(stamp.sha256()).isEqualTo("7c24616314d4c7ddcc755cd2cb42baf4e49ac41b1492fa02c30adc34e1cb2e5d");
    }

    @Test
    void everyFormatIsReadFromItsFile() throws IOException {
        Path array = Files.writeString(directory.resolve("rows.json"), "[\"a\", \"b\"]\n\n");
        assertThat(read(array).train().size()).isEqualTo(2);
        assertThat(read(array).files().get(0).sha256())
                .isEqualTo("930c60a43e7577ef3f8ec1df0860f718376c6edf02038086f0d2667cb2f17021");
        Path text = Files.writeString(directory.resolve("rows.TXT"), "a");
        assertThat(read(text).train().size()).isEqualTo(1);
    }

    @Test
    void D10_namedPipeIsNeverOpened() throws IOException, InterruptedException {
        Path pipe = directory.resolve("pipe.jsonl");
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/mkfifo"))
                        && new ProcessBuilder("/usr/bin/mkfifo", pipe.toString())
                                .start()
                                .waitFor(10, TimeUnit.SECONDS),
                "skipped: this system has no named pipes");
        assertRefused(pipe, "pipe.jsonl", "not a regular file", "pipe");
        Files.move(pipe, directory.resolve("valid.jsonl"));
        assertRefused(directory, "valid.jsonl", "not a regular file");
    }

    @Test
    void D10_linkLoopAndDirectoryInPlaceOfAFile() throws IOException {
        Path loop = Files.createSymbolicLink(directory.resolve("test.jsonl"), directory.resolve("test.jsonl"));
        assertRefused(loop, "test.jsonl", "loop");
        assertRefused(directory, "test.jsonl", "loop");
        Files.delete(loop);
        Files.createDirectory(loop);
        assertRefused(directory, "test.jsonl", "is a directory");
    }

    @Test
    void D10_linkToAFileIsFollowed() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link.jsonl"), file);
        assertThat(read(link).train().size()).isEqualTo(1);
    }

    @Test
    void D11_changedFileIsNoticed() throws IOException {
        DataSource source = read(file);
        assertThatCode(source::verifyUnchanged).doesNotThrowAnyException();
        Files.writeString(file, "{\"text\": \"a\"}\n{\"text\": \"b\"}\n");
        assertChanged(source);
    }

    @Test
    void D11_contentOfTheSameSizeIsNoticed() throws IOException {
        DataSource source = read(file);
        Files.writeString(file, "{\"text\": \"b\"}\n");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000));
        assertChanged(source);
    }

    @Test
    void D11_newTimeAloneIsNoChange() throws IOException {
        DataSource source = read(file);
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000));
        assertThatCode(source::verifyUnchanged).doesNotThrowAnyException();
    }

    @Test
    void D11_deletedFileIsNoticed() throws IOException {
        DataSource source = read(file);
        Files.delete(file);
        assertChanged(source);
    }

    @Test
    void D11_changeWhileReadingIsNoticed() {
        assertThatExceptionOfType(InlayException.class)
                .isThrownBy(() -> FileStamp.read(file, in -> append(file)))
                .withMessageContaining("train.jsonl: changed while it was read");
    }

    private static Path append(Path file) {
        try {
            return Files.writeString(file, "{\"text\": \"more\"}\n", java.nio.file.StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void assertChanged(DataSource source) {
        assertThatExceptionOfType(InlayException.class)
                .isThrownBy(source::verifyUnchanged)
                .withMessageContaining("train.jsonl: changed since it was read")
                .satisfies(e -> assertThat(e.kind()).isEqualTo(InlayException.Kind.DATA));
    }

    private static void assertRefused(Path path, String... parts) {
        assertThatExceptionOfType(InlayException.class)
                .isThrownBy(() -> read(path))
                .satisfies(e -> assertThat(e.getMessage()).contains(parts))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(InlayException.Kind.DATA));
    }

    private static DataSource read(Path path) {
        return DataSource.read(path, new RowReader());
    }
}
