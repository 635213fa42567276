package dev.inlay.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreeMemoryTest {
    @TempDir
    Path root;

    @Test
    void theMachineDecidesWhereNoContainerLimits() throws IOException {
        file("proc/meminfo", "MemTotal:  64000000 kB\nMemAvailable:   8000000 kB\n");
        FreeMemory free = FreeMemory.of(root);
        assertThat(free.bytes()).isEqualTo(8_000_000L * 1024);
        assertThat(free.source()).contains("MemAvailable");
    }

    @Test
    void theTightestGroupAboveThisProcessDecides() throws IOException {
        file("proc/meminfo", "MemAvailable:   8000000 kB\n");
        file("proc/self/cgroup", "0::/outer/inner\n");
        file("sys/fs/cgroup/outer/memory.max", "3000000000\n");
        file("sys/fs/cgroup/outer/memory.current", "1000000000\n");
        file("sys/fs/cgroup/outer/memory.stat", "anon 500000000\ninactive_file 400000000\n");
        file("sys/fs/cgroup/outer/inner/memory.max", "max\n");
        file("sys/fs/cgroup/outer/inner/memory.current", "900000000\n");
        FreeMemory free = FreeMemory.of(root);
        assertThat(free.bytes()).isEqualTo(2_400_000_000L);
        assertThat(free.source()).contains("container");
    }

    @Test
    void containersOfTheFirstVersionCountToo() throws IOException {
        file("proc/meminfo", "MemAvailable:   8000000 kB\n");
        file("proc/self/cgroup", "5:cpu:/x\n4:memory:/job\n");
        file("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "2000000000\n");
        file("sys/fs/cgroup/memory/job/memory.usage_in_bytes", "500000000\n");
        assertThat(FreeMemory.of(root).bytes()).isEqualTo(1_500_000_000L);
    }

    @Test
    void aLimitOfTheFirstVersionThatIsNoneIsNone() throws IOException {
        file("proc/meminfo", "MemAvailable:   8000000 kB\n");
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        file("sys/fs/cgroup/memory/memory.usage_in_bytes", "500000000\n");
        assertThat(FreeMemory.of(root).bytes()).isEqualTo(8_000_000L * 1024);
    }

    @Test
    void whatIsThereMayBeTakenAndNotAByteMore() {
        FreeMemory free = new FreeMemory(3_000_000_000L, "limit of the container");
        free.require(3_000_000_000L, "this", () -> "never asked");
        assertThatThrownBy(() -> free.require(3_000_000_001L, "the answer", () -> "ask for less"))
                .isInstanceOfSatisfying(
                        InlayException.class, e -> assertThat(e.kind()).isEqualTo(InlayException.Kind.MEMORY))
                .hasMessage("the answer would take 3.00 GB and 3.00 GB is free (limit of the container); ask for less");
    }

    @Test
    void thisMachineHasSome() {
        assertThat(FreeMemory.now().bytes()).isBetween(1L << 20, 1L << 50);
    }

    private void file(String name, String content) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }
}
