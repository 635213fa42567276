package dev.inlay.adapter.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Broken GGUF files: each is an error that names the file, none costs more than its size. */
class HostileGgufTest {
    private static final int COUNTS = 8;
    private static final int MUTATIONS = 2_000;

    @TempDir
    Path folder;

    private Path file;
    private byte[] sound;

    @BeforeEach
    void write() throws IOException {
        file = folder.resolve("sound.gguf");
        try (Scope scope = Scope.open()) {
            Map<String, Object> keys = Map.of("general.type", "adapter", "adapter.lora.alpha", 8f);
            GgufWriter.write(
                    file,
                    new TreeMap<>(keys),
                    List.of(
                            new GgufWriter.Entry("a", GgufType.F32, Tensor.uniform(-1, 1, 1, DType.FLOAT32, 3, 5)),
                            new GgufWriter.Entry("b", GgufType.F16, Tensor.uniform(-1, 1, 2, DType.FLOAT32, 7, 3))),
                    written -> {});
        }
        sound = Files.readAllBytes(file);
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        try (GgufFile opened = GgufFile.open(file);
                Scope scope = Scope.open()) {
            assertThat(opened.text("general.type")).contains("adapter");
            assertThat(opened.number("adapter.lora.alpha")).contains(8f);
            assertThat(opened.number("general.type")).isEmpty();
            assertThat(opened.tensors()).containsOnlyKeys("a", "b");
            assertThat(opened.load("a").toFloats())
                    .isEqualTo(Tensor.uniform(-1, 1, 1, DType.FLOAT32, 3, 5).toFloats());
            assertThat(opened.load("b").shape()).containsExactly(7, 3);
        }
    }

    @Test
    void everyShorterFileAndEveryLongerOneIsRefused() throws IOException {
        // The end of the last tensor may lack its padding, and no more.
        int data = 3 * 7 * 2;
        int needed = sound.length - (int) (GgufFile.aligned(data) - data);
        for (int length = 0; length < needed; length++) {
            assertRefused(Arrays.copyOf(sound, length), "");
        }
        assertRefused(Arrays.copyOf(sound, sound.length + 1), "header and tensors take");
    }

    @Test
    void countsThatCannotBeInTheFileAreRefusedBeforeAnythingIsMade() throws IOException {
        assertRefused(changed(COUNTS, Long.MAX_VALUE), "announces 9223372036854775807 tensors");
        assertRefused(changed(COUNTS, -1), "18446744073709551615");
        assertRefused(changed(COUNTS + 8, 1 << 20), "announces 1048576 keys");
        assertRefused(changed(COUNTS + 16, Long.MAX_VALUE), "at most 1048576 are read");
    }

    @Test
    void otherMagicVersionAndTypeAreRefused() throws IOException {
        assertRefused(changedByte(0, 'X'), "another magic number");
        assertRefused(changedByte(4, 2), "is of version 2");
        int type = indexOf("a", 1) + 1 + 4 + 16;
        assertRefused(changedByte(type, 8), "is of type 8");
        assertRefused(changed(type + 4, 32), "lies at 32");
    }

    @Test
    void sizesThatOverflowOrExceedTheFileAreRefused() throws IOException {
        int sizes = indexOf("a", 1) + 1 + 4;
        assertRefused(changed(sizes, Long.MAX_VALUE), "overflows");
        assertRefused(changed(sizes, 1 << 20), "of a file of");
        assertRefused(changed(sizes, 0), "would take 0 bytes");
    }

    @Test
    void mutatedFilesAreReadOrRefusedAndNothingElse() throws IOException {
        Path mutated = folder.resolve("mutated.gguf");
        int refused = 0;
        for (int seed = 0; seed < MUTATIONS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bytes = sound.clone();
            for (int change = 0; change <= seed % 4; change++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            Files.write(mutated, bytes);
            try (GgufFile opened = GgufFile.open(mutated);
                    Scope scope = Scope.open()) {
                opened.tensors().keySet().forEach(opened::load);
            } catch (InlayException e) {
                refused++;
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(refused).isBetween(MUTATIONS / 4, MUTATIONS - 1);
    }

    private int indexOf(String name, int length) {
        byte[] record = ByteBuffer.allocate(8 + length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .put(name.getBytes(StandardCharsets.UTF_8))
                .array();
        for (int at = 0; at < sound.length - record.length; at++) {
            if (Arrays.equals(Arrays.copyOfRange(sound, at, at + record.length), record)) {
                return at + 8;
            }
        }
        throw new AssertionError("no " + name);
    }

    private byte[] changed(int at, long value) {
        byte[] bytes = sound.clone();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
        return bytes;
    }

    private byte[] changedByte(int at, int value) {
        byte[] bytes = sound.clone();
        bytes[at] = (byte) value;
        return bytes;
    }

    private void assertRefused(byte[] bytes, String message) throws IOException {
        Path broken = folder.resolve("broken.gguf");
        Files.write(broken, bytes);
        assertThatThrownBy(() -> GgufFile.open(broken).close())
                .as("%d bytes", bytes.length)
                .isInstanceOf(InlayException.class)
                .hasMessageContaining(broken.toString())
                .hasMessageContaining(message);
    }
}
