package dev.inlay.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.testing.RandomLlama;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KvCacheTest {
    @TempDir
    Path folder;

    /** 67 MB for a token of this model, and there are 64 rows of 2,048. */
    @Test
    void moreKeysAndValuesThanMemoryAreRefusedBeforeAnyIsTaken() throws IOException {
        new RandomLlama(128, 65_536, 16, 512, 512, 96).writeHollow(folder, DType.FLOAT32);
        DecoderConfig config = ModelDirectory.open(folder).config();
        try (KvCache cache = new KvCache(config, DType.FLOAT32, Device.CPU, 64)) {
            int[][] rows = new int[64][2048];
            assertThatThrownBy(() -> cache.reserve(Rows.of(rows)))
                    .isInstanceOfSatisfying(
                            InlayException.class, e -> assertThat(e.kind()).isEqualTo(InlayException.Kind.MEMORY))
                    .hasMessageContaining("keys and values of 64 growing rows would take 8796.09 GB and ")
                    .hasMessageContaining("fewer new tokens");
            assertThat(cache.byteCount()).isZero();
        }
    }
}
