package dev.inlay.training.data;

import dev.inlay.InlayException;
import dev.inlay.training.data.FileStamp.Stamped;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The data of a run: one file ({@code .jsonl}, {@code .json}, {@code .txt}), or a directory that holds
 * {@code train.jsonl} and, if wanted, {@code valid.jsonl} and {@code test.jsonl} (other files there are not looked at).
 *
 * @param files what was read, for {@code run.json} and {@link #verifyUnchanged}
 */
public record DataSource(Dataset train, Optional<Dataset> validation, Optional<Dataset> test, List<FileStamp> files) {
    public DataSource {
        files = List.copyOf(files);
    }

    /** Reads the file, or the files of the directory, whole. */
    public static DataSource read(Path path, RowReader reader) {
        return Files.isDirectory(path) ? directory(path, reader) : file(path, reader);
    }

    /**
     * To be called before each epoch and at resume.
     *
     * @throws InlayException if a file is no longer what was read
     */
    public void verifyUnchanged() {
        files.forEach(FileStamp::verify);
    }

    private static DataSource file(Path path, RowReader reader) {
        List<FileStamp> files = new ArrayList<>();
        Dataset train = read(path, reader, files);
        return new DataSource(train, Optional.empty(), Optional.empty(), files);
    }

    private static DataSource directory(Path path, RowReader reader) {
        if (!Files.exists(path.resolve("train.jsonl"), LinkOption.NOFOLLOW_LINKS)) {
            throw InlayException.data(
                    "%s: expected train.jsonl in this directory, found none; name the file itself instead", path);
        }
        List<FileStamp> files = new ArrayList<>();
        Dataset train = read(path.resolve("train.jsonl"), reader, files);
        Optional<Dataset> validation = readIfPresent(path.resolve("valid.jsonl"), reader, files);
        Optional<Dataset> test = readIfPresent(path.resolve("test.jsonl"), reader, files);
        return new DataSource(train, validation, test, files);
    }

    private static Optional<Dataset> readIfPresent(Path path, RowReader reader, List<FileStamp> files) {
        boolean present = Files.exists(path, LinkOption.NOFOLLOW_LINKS);
        return present ? Optional.of(read(path, reader, files)) : Optional.empty();
    }

    private static Dataset read(Path path, RowReader reader, List<FileStamp> files) {
        Path name = path.getFileName();
        if (name == null || !RowReader.reads(name.toString())) {
            throw InlayException.data("%s: expected a file ending in .jsonl, .json or .txt, or a directory", path);
        }
        Stamped<Dataset> read = FileStamp.read(path, in -> reader.read(name.toString(), in));
        files.add(read.stamp());
        return read.value();
    }
}
