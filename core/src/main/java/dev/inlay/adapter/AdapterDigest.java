package dev.inlay.adapter;

import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Gate;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Tells adapters apart by what they compute: {@code sha256:} and the hash of, for each map in the order of computation,
 * its name, the scale, and both factors (shape and float64 values). What is no plain low-rank change begins with a line
 * that says what it is; then the same for each of its tensors. A gate that is not open stands before its part. It does not depend on file names or element types.
 */
public final class AdapterDigest {
    private static final int WINDOW = 1 << 20;

    private final MessageDigest digest;

    private AdapterDigest(MessageDigest digest) {
        this.digest = digest;
    }

    public static String of(Parts parts) {
        AdapterDigest digest = new AdapterDigest(sha256());
        parts.list().forEach(digest::part);
        return "sha256:" + HexFormat.of().formatHex(digest.digest.digest());
    }

    private void part(Part part) {
        boolean plain = part instanceof Adapter;
        if (!part.gate().equals(Gate.OPEN)) {
            text("gate " + part.gate());
        }
        if (!plain) {
            text(part.kind());
        }
        part.tensors().forEach((slot, tensor) -> {
            if (!plain) {
                text(slot + " " + part.setting(slot.site()));
            } else if (slot.role() == Role.UP) {
                text(slot.site() + " " + part.setting(slot.site()));
            }
            tensor(tensor);
        });
    }

    private void text(String text) {
        digest.update((text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private void tensor(Tensor factor) {
        text(Arrays.toString(factor.shape()));
        try (Scope scope = Scope.open()) {
            Tensor plain = factor.detached().to(Device.CPU).to(DType.FLOAT64).contiguous();
            for (long at = 0; at < plain.byteCount(); at += WINDOW) {
                ByteBuffer bytes = plain.bytes(at, (int) Math.min(WINDOW, plain.byteCount() - at));
                digest.update(bytes);
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
