package dev.inlay.fuzz;

import dev.inlay.InlayException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongConsumer;

/**
 * Damages the seeds of a target, one file at a time, and has them read.
 *
 * <p>A mutant is decided by target, seed and number alone. It is read without an error, or refused by an
 * {@link InlayException} of a kind that the target may cause, whose message is one printable line that names the
 * file or its directory; either way the directory holds the same files afterwards. Anything else is a finding.
 */
public final class Fuzzer {
    private final Target target;
    private final long seed;
    private final Path workshop;
    private final Map<Integer, Path> laid = new HashMap<>();

    /** @param workshop an empty directory, where seeds are laid out and damaged */
    public Fuzzer(Target target, long seed, Path workshop) {
        this.target = target;
        this.seed = seed;
        this.workshop = workshop;
    }

    /**
     * What became of the mutants.
     *
     * @param slowest number of the mutant that took longest
     * @param seconds that it took
     */
    public record Report(long tried, long accepted, long slowest, double seconds) {}

    /** Reads the seeds as they are: an error in a good file would hide all others. */
    public void readSeeds() {
        for (int i = 0; i < target.seeds().size(); i++) {
            target.reading().read(laid(i));
        }
    }

    /**
     * Reads these mutants; {@code progress} is told the number of each before it is read.
     *
     * @throws AssertionError at the first finding, saying how to repeat it; the mutant is left in the workshop
     */
    public Report run(long first, long count, LongConsumer progress) {
        Report report = new Report(0, 0, first, 0);
        for (long number = first; number < first + count; number++) {
            progress.accept(number);
            long start = System.nanoTime();
            boolean accepted = accepts(number);
            double seconds = (System.nanoTime() - start) / 1e9;
            boolean slower = seconds > report.seconds();
            report = new Report(
                    report.tried() + 1,
                    report.accepted() + (accepted ? 1 : 0),
                    slower ? number : report.slowest(),
                    slower ? seconds : report.seconds());
        }
        return report;
    }

    private boolean accepts(long number) {
        // Neighbouring seeds of Random begin alike, so they are spread first.
        Random random = new Random((seed * 0x9E3779B97F4A7C15L + number) * 0xBF58476D1CE4E5B9L + 1);
        int index = random.nextInt(target.seeds().size());
        Seed good = target.seeds().get(index);
        String name = good.open().get(random.nextInt(good.open().size()));
        Path directory = laid(index);
        Path file = directory.resolve(name);
        byte[] content = good.files().getOrDefault(name, new byte[0]);
        try {
            if (random.nextInt(200) == 0) {
                Files.delete(file);
            } else {
                Files.write(file, new Mutation(random).of(name, content));
            }
            boolean accepted = reads(directory, file);
            requireSameFiles(good, directory, file);
            restore(good, directory, file);
            return accepted;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (AssertionError | RuntimeException | StackOverflowError | OutOfMemoryError e) {
            throw new AssertionError(
                    "mutant %d of %s, seed %d, file %s: %s".formatted(number, target.name(), seed, file, e), e);
        }
    }

    private boolean reads(Path directory, Path damaged) {
        try {
            target.reading().read(directory);
            return true;
        } catch (InlayException e) {
            String message = e.getMessage();
            if (!target.kinds().contains(e.kind())) {
                throw new AssertionError("an error of kind " + e.kind() + ": " + message, e);
            }
            if (!message.contains(directory.toString())
                    && !message.contains(damaged.getFileName().toString())) {
                throw new AssertionError("an error that does not name the file: " + message, e);
            }
            if (message.codePoints().anyMatch(Character::isISOControl) || message.length() > 2100) {
                throw new AssertionError("an error that is not one printable line: " + message, e);
            }
            return false;
        }
    }

    /** Reading leaves nothing behind and takes nothing away; the damaged file may have been absent. */
    private static void requireSameFiles(Seed good, Path directory, Path damaged) {
        Set<Path> expected = new TreeSet<>(
                good.files().keySet().stream().map(directory::resolve).toList());
        Set<Path> found = new TreeSet<>(Seed.regularFiles(directory));
        expected.add(damaged);
        found.add(damaged);
        if (!found.equals(expected)) {
            throw new AssertionError("the directory holds " + found + ", expected " + expected);
        }
    }

    /** A reader that takes up a run may cut its files. */
    private static void restore(Seed good, Path directory, Path damaged) throws IOException {
        for (Map.Entry<String, byte[]> each : good.files().entrySet()) {
            Path file = directory.resolve(each.getKey());
            if (file.equals(damaged) || Files.size(file) != each.getValue().length) {
                Files.write(file, each.getValue());
            }
        }
    }

    private Path laid(int index) {
        return laid.computeIfAbsent(index, number -> {
            Path directory = workshop.resolve("seed-" + number);
            target.seeds().get(number).files().forEach((name, content) -> write(directory.resolve(name), content));
            return directory;
        });
    }

    private static void write(Path file, byte[] content) {
        try {
            Files.createDirectories(file.resolveSibling(""));
            Files.write(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
