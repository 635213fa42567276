package dev.inlay.training.run;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Memory that this process holds, in bytes.
 *
 * <p>On Linux the resident set, that is heap and native memory together, from {@code /proc/self/status}. Elsewhere the
 * Java heap and the JVM's own memory as committed now, for both numbers: native tensors are not in it.
 *
 * @param resident now
 * @param peak the most since the process began
 */
public record ProcessMemory(long resident, long peak) {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final long KIBIBYTE = 1024;

    /** As it is now. */
    public static ProcessMemory now() {
        try {
            return parse(Files.readAllLines(STATUS, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return ofJava(ManagementFactory.getMemoryMXBean());
        }
    }

    /** Reads the lines {@code VmRSS: N kB} and {@code VmHWM: N kB}. */
    static ProcessMemory parse(List<String> status) throws IOException {
        return new ProcessMemory(bytes(status, "VmRSS:"), bytes(status, "VmHWM:"));
    }

    private static long bytes(List<String> status, String key) throws IOException {
        for (String line : status) {
            if (line.startsWith(key)) {
                return KIBIBYTE * Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException(key + " is missing");
    }

    private static ProcessMemory ofJava(MemoryMXBean memory) {
        long committed = memory.getHeapMemoryUsage().getCommitted()
                + memory.getNonHeapMemoryUsage().getCommitted();
        return new ProcessMemory(committed, committed);
    }
}
