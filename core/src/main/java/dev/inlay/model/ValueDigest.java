package dev.inlay.model;

import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Tells computed values apart, bit by bit. */
public final class ValueDigest {
    private static final int WINDOW = 1 << 20;

    private ValueDigest() {}

    /** {@code sha256:} and the hash of the values as they lie in memory, one tensor after the other. */
    public static String of(List<Tensor> tensors) {
        MessageDigest digest = sha256();
        for (Tensor values : tensors) {
            try (Scope scope = Scope.open()) {
                Tensor plain = values.detached().to(Device.CPU).contiguous();
                for (long at = 0; at < plain.byteCount(); at += WINDOW) {
                    digest.update(plain.bytes(at, (int) Math.min(WINDOW, plain.byteCount() - at)));
                }
            }
        }
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
