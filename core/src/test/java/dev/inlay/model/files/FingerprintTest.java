package dev.inlay.model.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FingerprintTest {
    @TempDir
    Path directory;

    private String fingerprint(String config, byte[] large, NewTensor... others) {
        NewTensor[] all = java.util.Arrays.copyOf(others, others.length + 1);
        all[others.length] = NewTensor.of(
                "large", StoredType.U8, new long[] {2, large.length / 2}, sink -> sink.write(ByteBuffer.wrap(large)));
        SafetensorsWriter.write(directory.resolve("model.safetensors"), List.of(all), Map.of());
        try (Weights weights = Weights.open(directory)) {
            return Fingerprint.ofBase(config, weights);
        }
    }

    private static byte[] ramp(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i % 251);
        }
        return bytes;
    }

    /** The expected value was computed by Python's hashlib and struct from the description in {@link Fingerprint}. */
    @Test
    void theHashIsTheOneOfTheWrittenDescription() {
        assertThat(fingerprint("{\"a\":1}", ramp(10_000), NewTensor.of("b", new float[] {1, 2}, 2)))
                .isEqualTo("sha256:f1111308a3c1bb6880af4ac0ce438f4c97f9ea9fcb3952bbfe29db6142a02238");
    }

    @Test
    void configNamesShapesAndSampledValuesMatterAndTheMiddleDoesNot() {
        String original = fingerprint("{}", ramp(10_000));
        assertThat(fingerprint("{}", ramp(10_000))).isEqualTo(original);
        assertThat(fingerprint("{ }", ramp(10_000))).isNotEqualTo(original);
        assertThat(fingerprint("{}", ramp(10_002))).isNotEqualTo(original);
        for (int at : new int[] {0, 4095, 10_000 - 4096, 9999}) {
            byte[] changed = ramp(10_000);
            changed[at]++;
            assertThat(fingerprint("{}", changed)).as("byte %d", at).isNotEqualTo(original);
        }
        byte[] middle = ramp(10_000);
        middle[5000]++;
        assertThat(fingerprint("{}", middle)).isEqualTo(original);
    }

    @Test
    void filesAndTextsHaveTheirUsualHash() {
        Path file = directory.resolve("text");
        AtomicFile.write(file, "abc");
        assertThat(Fingerprint.sha256(file))
                .isEqualTo(Fingerprint.sha256("abc"))
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
