package dev.inlay.model.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.InlayException;
import dev.inlay.testing.Seeds;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files with random damage: either refused by a named error or read to the end. {@code -Dinlay.fuzz.seconds=N} sets the
 * time.
 */
class SafetensorsFuzzTest {
    private static final String HEADER = "{\"__metadata__\":{\"format\":\"pt\",\"k\":\"\u00e4\"},"
            + "\"a.weight\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
            + "\"b.weight\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[24,32]},"
            + "\"c\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[32,40]}}  ";
    private static final String[] PIECES = {
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\u0000",
        "\\ud800",
        "-1",
        "1e400",
        "9223372036854775807",
        "null",
        "true",
        "\"dtype\"",
        "\"shape\"",
        "\"data_offsets\"",
        "\"__metadata__\"",
        "\"F4\"",
        "\"a.weight\"",
        "0",
        " ",
        "\n",
        "..",
        "[[[[[[[[",
        "18446744073709551616",
        "NaN",
        "/*",
        "\u0000",
        "\uFEFF"
    };

    @TempDir
    Path directory;

    @Test
    void onlyNamedErrorsComeOutOfDamagedFiles() {
        Path file = directory.resolve("fuzz.safetensors");
        int[] accepted = new int[1];
        double seconds = Double.parseDouble(System.getProperty("inlay.fuzz.seconds", "5"));
        long tried = Seeds.during(seconds, (seed, random) -> {
            HostileFile.write(file, damaged(random));
            if (readsToTheEnd(file)) {
                accepted[0]++;
            }
        });
        assertThat(accepted[0])
                .as("accepted of %d files tried", tried)
                .isPositive()
                .isLessThan((int) tried);
    }

    private static boolean readsToTheEnd(Path path) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            for (StoredTensor tensor : file.tensors().values()) {
                file.read(tensor, 0, ByteBuffer.allocate((int) tensor.bytes()));
            }
            return true;
        } catch (InlayException e) {
            assertThat(e.kind()).isEqualTo(InlayException.Kind.DATA);
            assertThat(e.getMessage()).startsWith(path.toString()).doesNotContain("\n");
            return false;
        }
    }

    private static byte[] damaged(Random random) {
        byte[] header = HEADER.getBytes(StandardCharsets.UTF_8);
        for (int i = random.nextInt(3); i >= 0; i--) {
            header = random.nextBoolean() ? spliced(header, random) : flipped(header, random);
        }
        byte[] file = HostileFile.bytes(header, new byte[40]);
        return switch (random.nextInt(6)) {
            case 0 -> flipped(file, random);
            case 1 -> Arrays.copyOf(file, random.nextInt(file.length + 20));
            default -> file;
        };
    }

    private static byte[] flipped(byte[] bytes, Random random) {
        byte[] result = bytes.clone();
        result[random.nextInt(result.length)] = (byte) random.nextInt(256);
        return result;
    }

    /** A piece of JSON, or of the header itself, in place of some bytes. */
    private static byte[] spliced(byte[] bytes, Random random) {
        int from = random.nextInt(bytes.length);
        int to = Math.min(bytes.length, from + random.nextInt(12));
        byte[] piece = random.nextInt(3) == 0
                ? Arrays.copyOfRange(bytes, from / 2, from / 2 + random.nextInt(80))
                : PIECES[random.nextInt(PIECES.length)].getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(bytes.length - (to - from) + piece.length)
                .put(bytes, 0, from)
                .put(piece)
                .put(bytes, to, bytes.length - to)
                .array();
    }
}
