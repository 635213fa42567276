package dev.inlay.model;

import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/** Tells computed values apart, bit by bit. */
public final class ValueDigest {
    private static final int WINDOW = 1 << 20;

    private ValueDigest() {}

    /** {@code sha256:} and the hash of the values as they lie in memory, one tensor after the other. */
    public static String of(List<Tensor> tensors) {
        MessageDigest digest = sha256();
        visit(tensors, digest::update);
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }

    /**
     * {@code crc32c:} and the checksum of the same bytes, in about the time of reading them: finds accidents, not
     * counterfeits.
     */
    public static String checksum(List<Tensor> tensors) {
        CRC32C checksum = new CRC32C();
        visit(tensors, checksum::update);
        return "crc32c:" + HexFormat.of().toHexDigits((int) checksum.getValue());
    }

    private static void visit(List<Tensor> tensors, Consumer<ByteBuffer> visitor) {
        for (Tensor values : tensors) {
            try (Scope scope = Scope.open()) {
                Tensor plain = values.detached().to(Device.CPU).contiguous();
                for (long at = 0; at < plain.byteCount(); at += WINDOW) {
                    visitor.accept(plain.bytes(at, (int) Math.min(WINDOW, plain.byteCount() - at)));
                }
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
