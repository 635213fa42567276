package dev.inlay.engine;

import com.sun.management.OperatingSystemMXBean;
import dev.inlay.InlayException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Memory that a process can still take.
 *
 * @param bytes how much
 * @param source who says so
 */
public record FreeMemory(long bytes, String source) {
    private static final String KIBIBYTES = "kB";

    /**
     * The least of what the machine and the limits of this process's control groups leave. Pages that only cache files
     * count as free.
     */
    public static FreeMemory now() {
        return of(Path.of("/"));
    }

    /** What can be taken for tensors of a device. An accelerator's own library says when it is full. */
    public static FreeMemory on(Device device) {
        return device.equals(Device.CPU) ? now() : new FreeMemory(Long.MAX_VALUE, device + " says itself");
    }

    /**
     * Checks that there is enough. The system promises more memory than it has, and kills who takes it: what is large must
     * be asked for before.
     *
     * @param needed bytes
     * @param what takes them, as the beginning of a sentence
     * @param remedy what to do if they are not there
     * @throws InlayException of kind MEMORY, with both numbers
     */
    public void require(long needed, String what, Supplier<String> remedy) {
        if (needed > bytes) {
            throw InlayException.memory(
                    "%s would take %s and %s is free (%s); %s",
                    what, gigabytes(needed), gigabytes(bytes), source, remedy.get());
        }
    }

    /** A number of bytes as people read it. */
    public static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
    }

    /** As {@link #now}, reading {@code proc} and {@code sys} below this directory. */
    static FreeMemory of(Path root) {
        FreeMemory least = machine(root);
        for (FreeMemory limit : List.of(unified(root), legacy(root))) {
            least = limit.bytes() < least.bytes() ? limit : least;
        }
        return least;
    }

    private static FreeMemory machine(Path root) {
        for (String line : lines(root.resolve("proc/meminfo"))) {
            if (line.startsWith("MemAvailable:")) {
                String number = line.substring(line.indexOf(':') + 1).replace(KIBIBYTES, "");
                return new FreeMemory(1024 * Long.parseLong(number.strip()), "MemAvailable of the machine");
            }
        }
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? new FreeMemory(system.getFreeMemorySize(), "free memory of the machine")
                : new FreeMemory(Long.MAX_VALUE, "unknown");
    }

    /** Control groups, version 2: this process's group and all above it. */
    private static FreeMemory unified(Path root) {
        Path mount = root.resolve("sys/fs/cgroup").normalize();
        FreeMemory least = new FreeMemory(Long.MAX_VALUE, "no limit");
        @Nullable Path group = mount.resolve(group(root, "0::")).normalize();
        while (group != null && group.startsWith(mount)) {
            FreeMemory here = group(group, "memory.max", "memory.current", "inactive_file");
            least = here.bytes() < least.bytes() ? here : least;
            group = group.getParent();
        }
        return least;
    }

    /** Control groups, version 1. */
    private static FreeMemory legacy(Path root) {
        Path mount = root.resolve("sys/fs/cgroup/memory");
        Path own = mount.resolve(group(root, "memory:"));
        Path group = Files.exists(own.resolve("memory.limit_in_bytes")) ? own : mount;
        return group(group, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
    }

    private static FreeMemory group(Path group, String limitFile, String usedFile, String cacheKey) {
        OptionalLong limit = number(group.resolve(limitFile));
        OptionalLong used = number(group.resolve(usedFile));
        if (limit.isEmpty() || used.isEmpty()) {
            return new FreeMemory(Long.MAX_VALUE, "no limit");
        }
        long cache = lines(group.resolve("memory.stat")).stream()
                .filter(line -> line.startsWith(cacheKey + " "))
                .mapToLong(line ->
                        Long.parseLong(line.substring(cacheKey.length() + 1).strip()))
                .findFirst()
                .orElse(0);
        long free = Math.max(0, limit.getAsLong() - Math.max(0, used.getAsLong() - cache));
        return new FreeMemory(free, "limit of the container, " + limitFile);
    }

    /** The path of this process's group, relative to the mount. */
    private static String group(Path root, String marker) {
        for (String line : lines(root.resolve("proc/self/cgroup"))) {
            int at = line.indexOf(marker);
            if (at >= 0) {
                return line.substring(at + marker.length()).replaceFirst("^/+", "");
            }
        }
        return "";
    }

    /** The number that a file holds; empty for "max", or where there is none. */
    private static OptionalLong number(Path file) {
        List<String> lines = lines(file);
        return lines.size() == 1 && lines.get(0).matches("\\d{1,18}")
                ? OptionalLong.of(Long.parseLong(lines.get(0)))
                : OptionalLong.empty();
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            // Such files exist on some systems only; without one there is no such limit.
            return List.of();
        }
    }
}
