package dev.inlay.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs the mutants of one reader in a process of its own, with a small heap: where a mutant ends the process or never
 * ends, the file of its progress says which it was.
 */
final class FuzzProcess {
    private static final int FINDING = 9;

    private FuzzProcess() {}

    /** The command line of {@link #main}. */
    static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx384m",
                "-cp",
                System.getProperty("java.class.path"),
                FuzzProcess.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Arguments: reader, own or real, seed, first, count, workshop, progress file. Prints one line at the end. */
    public static void main(String[] arguments) throws IOException {
        Target target = Targets.named(arguments[0], arguments[1].equals("real"));
        Fuzzer fuzzer = new Fuzzer(target, Long.parseLong(arguments[2]), Path.of(arguments[5]));
        try (FileChannel file = FileChannel.open(
                Path.of(arguments[6]), StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            MappedByteBuffer progress = file.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES);
            long first = Long.parseLong(arguments[3]);
            long count = Long.parseLong(arguments[4]);
            AtomicLong resident = new AtomicLong();
            Fuzzer.Report report = fuzzer.run(first, count, number -> {
                progress.putLong(0, number);
                if (number == first + count / 5) {
                    resident.set(residentMegabytes());
                }
            });
            System.out.printf(
                    Locale.ROOT,
                    "%s: %d mutants, %d accepted, slowest %d with %.3f s, resident %d MB after a fifth, %d MB at the end%n",
                    target.name(),
                    report.tried(),
                    report.accepted(),
                    report.slowest(),
                    report.seconds(),
                    resident.get(),
                    residentMegabytes());
        } catch (AssertionError e) {
            e.printStackTrace();
            System.exit(FINDING);
        }
    }

    /** What leaks outside the heap shows here; 0 where the system does not tell. */
    private static long residentMegabytes() {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return 0;
        }
        try {
            return Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
