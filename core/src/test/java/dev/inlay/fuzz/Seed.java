package dev.inlay.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A directory of good files, of which some are damaged.
 *
 * @param name says where it comes from
 * @param files content by name; a name may lead into a sub-directory
 * @param open the names of the files that are damaged
 */
public record Seed(String name, Map<String, byte[]> files, List<String> open) {
    public Seed {
        files = new TreeMap<>(files);
        open = List.copyOf(open);
    }

    /** A single file of this text. */
    public static Seed of(String file, String text) {
        return new Seed(file, Map.of(file, text.getBytes(StandardCharsets.UTF_8)), List.of(file));
    }

    /** A single file under another name. */
    static Seed file(Path file, String as) {
        return new Seed(file.toString(), Map.of(as, bytes(file)), List.of(as));
    }

    /** All files of a directory, of which those with these endings are damaged. */
    static Seed directory(Path directory, String... endings) {
        Map<String, byte[]> files = new TreeMap<>();
        for (Path file : regularFiles(directory)) {
            files.put(directory.relativize(file).toString().replace('\\', '/'), bytes(file));
        }
        List<String> open = files.keySet().stream()
                .filter(name -> Stream.of(endings).anyMatch(name::endsWith))
                .toList();
        return new Seed(directory.toString(), files, open);
    }

    static List<Path> regularFiles(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
