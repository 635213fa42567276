package dev.inlay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class LargeTensorTest {
    /** The memory is only reserved: the system provides the few pages that are touched. */
    @Test
    void bytesAboveTwoGibibytesAreThoseOfTheTensor() {
        long size = (1L << 31) + 16;
        try (Scope scope = Scope.open()) {
            Tensor tensor = Tensor.empty(DType.BOOL, Device.CPU, size);
            ByteBuffer end = tensor.bytes(size - 3, 3);
            end.put(new byte[] {1, 0, 1});
            assertThat(tensor.narrow(0, size - 3, 3).toDoubles()).containsExactly(1, 0, 1);
            assertThat(tensor.bytes(size - 1, 1).get(0)).isEqualTo((byte) 1);
        }
    }
}
