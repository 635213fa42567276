package dev.inlay.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** What this process has cost since its start. */
final class ProcessCost {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String PEAK = "VmHWM:";

    private ProcessCost() {}

    /** Adds {@code peak_rss_bytes} (where the system tells it) and {@code cpu_seconds}. */
    static void addTo(Map<String, Object> report) {
        peakRssBytes().ifPresent(bytes -> report.put("peak_rss_bytes", bytes));
        ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(Duration::toMillis)
                .ifPresent(millis -> report.put("cpu_seconds", millis / 1e3));
    }

    /** Largest resident memory of this process so far, where the system tells it. */
    static OptionalLong peakRssBytes() {
        if (!Files.isReadable(STATUS)) {
            return OptionalLong.empty();
        }
        try {
            return peakRssBytes(Files.readAllLines(STATUS));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param status lines of Linux's {@code /proc/PID/status}; the peak is in units of 1024 bytes */
    static OptionalLong peakRssBytes(List<String> status) {
        return status.stream()
                .filter(line -> line.startsWith(PEAK))
                .mapToLong(line -> 1024
                        * Long.parseLong(
                                line.substring(PEAK.length()).replace("kB", "").strip()))
                .findFirst();
    }
}
