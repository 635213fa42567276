package dev.inlay.model.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.inlay.InlayException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes safetensors files byte by byte, right and wrong ones, and says how they are refused. */
final class HostileFile {
    private HostileFile() {}

    /** Prefix, header and that many zero bytes of data. */
    static byte[] bytes(String header, int data) {
        return bytes(header.getBytes(StandardCharsets.UTF_8), new byte[data]);
    }

    static byte[] bytes(byte[] header, byte[] data) {
        return ByteBuffer.allocate(Long.BYTES + header.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .put(header)
                .put(data)
                .array();
    }

    /** A length prefix followed by zeros. */
    static byte[] prefix(long length, int rest) {
        return ByteBuffer.allocate(Long.BYTES + rest)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .array();
    }

    /** One F32 tensor "a" of two elements, with this text in place of its entry. */
    static byte[] entry(String entry) {
        return bytes("{\"a\":" + entry + "}", 8);
    }

    static Path write(Path file, byte[] content) {
        try {
            return Files.write(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opening is refused as bad data, in one line that names the file and each of these words. */
    static void assertRefused(Path file, String... words) {
        InlayException e = refusal(() -> SafetensorsFile.open(file).close());
        assertThat(e.getMessage()).contains(file.toString()).contains(words);
    }

    /** What is thrown, which must be an error of data in one line. */
    static InlayException refusal(org.assertj.core.api.ThrowableAssert.ThrowingCallable action) {
        InlayException e = catchThrowableOfType(InlayException.class, action);
        assertThat(e).as("an InlayException is expected").isNotNull();
        assertThat(e.kind()).isEqualTo(InlayException.Kind.DATA);
        assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(1000);
        return e;
    }
}
