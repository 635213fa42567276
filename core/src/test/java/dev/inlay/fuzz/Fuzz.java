package dev.inlay.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Fuzzes by hand, for as long as one likes: each reader in a process of its own, so that a mutant that ends the process,
 * fills its heap or stands still is a finding like any other, and the next one is tried.
 *
 * <p>{@code Fuzz --mutants N [--reader NAME] [--seed S] [--first F] [--seeds own|real] [--workshop DIRECTORY]}: without a
 * reader, N mutants of each. The exit code is 0 where nothing was found.
 */
public final class Fuzz {
    private static final int MOST_FINDINGS = 20;
    /** Of the process's own processor time: a busy machine is no standstill. */
    private static final long STANDSTILL = TimeUnit.MINUTES.toNanos(1);

    private static final long RHYTHM = TimeUnit.SECONDS.toNanos(30);

    private final String reader;
    private final String seeds;
    private final long seed;
    private final Path workshop;
    private final Consumer<String> say;

    /** @param seeds {@code own}, or {@code real} for files beside the repository too */
    Fuzz(String reader, String seeds, long seed, Path workshop, Consumer<String> say) {
        this.reader = reader;
        this.seeds = seeds;
        this.seed = seed;
        this.workshop = workshop;
        this.say = say;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Map<String, String> options = options(arguments);
        long count = Long.parseLong(options.getOrDefault("--mutants", "10000"));
        long first = Long.parseLong(options.getOrDefault("--first", "0"));
        long seed = Long.parseLong(options.getOrDefault("--seed", "1"));
        String seeds = options.getOrDefault("--seeds", "real");
        Path workshop = Path.of(options.getOrDefault("--workshop", "target/fuzz"));
        String only = options.get("--reader");
        int findings = 0;
        for (String reader : only == null ? Targets.all(false).keySet() : List.of(only)) {
            findings += new Fuzz(reader, seeds, seed, workshop, System.out::println).run(first, count);
        }
        System.exit(findings == 0 ? 0 : 1);
    }

    private static Map<String, String> options(String[] arguments) {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        return options;
    }

    /** Tries these mutants and says what was found; returns the number of findings. */
    int run(long first, long count) throws IOException, InterruptedException {
        long next = first;
        int findings = 0;
        while (next < first + count && findings < MOST_FINDINGS) {
            Path place = workshop.resolve(reader + "-" + seed + "-" + next);
            Files.createDirectories(place);
            Path progress = place.resolve("progress");
            Files.write(progress, new byte[Long.BYTES]);
            String outcome = process(place, progress, next, first + count - next);
            if (outcome.isEmpty()) {
                Targets.delete(place);
                return findings;
            }
            findings++;
            long number = number(progress);
            say.accept("%s: mutant %d of seed %d %s; it lies in %s".formatted(reader, number, seed, outcome, place));
            next = Math.max(number, next) + 1;
        }
        return findings;
    }

    /** Runs mutants until their end or the first finding; what became of it, or nothing. */
    private String process(Path place, Path progress, long first, long count) throws IOException, InterruptedException {
        List<String> command = FuzzProcess.command(
                reader,
                seeds,
                String.valueOf(seed),
                String.valueOf(first),
                String.valueOf(count),
                place.toString(),
                progress.toString());
        Process process = new ProcessBuilder(command).inheritIO().start();
        long last = -1;
        long moved = processorTime(process);
        long said = System.nanoTime();
        while (!process.waitFor(200, TimeUnit.MILLISECONDS)) {
            long now = System.nanoTime();
            long number = number(progress);
            moved = number == last ? moved : processorTime(process);
            last = number;
            if (now - said > RHYTHM) {
                say.accept(String.format(Locale.ROOT, "%s: %,d of %,d", reader, number - first, count));
                said = now;
            }
            if (processorTime(process) - moved > STANDSTILL) {
                process.destroyForcibly().waitFor();
                return "stands still";
            }
        }
        return process.exitValue() == 0 ? "" : "ended its process with code " + process.exitValue();
    }

    private static long processorTime(Process process) {
        return process.info().totalCpuDuration().map(Duration::toNanos).orElseGet(System::nanoTime);
    }

    private static long number(Path progress) {
        try {
            return ByteBuffer.wrap(Files.readAllBytes(progress)).getLong();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
