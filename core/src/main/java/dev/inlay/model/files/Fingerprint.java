package dev.inlay.model.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Hashes that tell models, tokenizers and templates apart.
 *
 * <p>The fingerprint of a base model is {@code sha256:} and the hash of a sequence of fields, each number as 8 bytes,
 * most significant first, each text or run of bytes as its length and then its bytes: the mathematical keys of
 * config.json; then for every tensor, by name in the order of UTF-8 bytes: name, type, number of dimensions, each
 * dimension, its first 4,096 bytes and its last 4,096 bytes (fewer where it is shorter). It does not depend on sharding.
 * Config and names alone can be equal for a base model and its instruction-tuned sibling; the samples separate them.
 */
public final class Fingerprint {
    private static final int SAMPLE = 4096;
    private static final int WINDOW = 1 << 20;

    private final MessageDigest digest = newDigest();

    private Fingerprint() {}

    /**
     * The fingerprint of a base model.
     *
     * @param config a canonical text of config.json's mathematical keys: equal for equal mathematics
     */
    public static String ofBase(String config, Weights weights) {
        Fingerprint fingerprint = new Fingerprint();
        fingerprint.text(config);
        for (String name : weights.names()) {
            fingerprint.tensor(weights.file(name), weights.tensor(name));
        }
        return "sha256:" + HexFormat.of().formatHex(fingerprint.digest.digest());
    }

    /** Hexadecimal SHA-256 of a file's bytes. */
    public static String sha256(Path file) {
        MessageDigest digest = newDigest();
        ByteBuffer window = ByteBuffer.allocate(WINDOW);
        try (FileChannel channel = RegularFile.open(file)) {
            while (channel.read(window.clear()) >= 0) {
                digest.update(window.flip());
            }
        } catch (IOException e) {
            throw RegularFile.unreadable(file, e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Hexadecimal SHA-256 of a text in UTF-8. */
    public static String sha256(String text) {
        return HexFormat.of().formatHex(newDigest().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private void tensor(SafetensorsFile file, StoredTensor tensor) {
        text(tensor.name());
        text(tensor.type().name());
        number(tensor.shape().length);
        for (long size : tensor.shape()) {
            number(size);
        }
        int length = (int) Math.min(SAMPLE, tensor.bytes());
        sample(file, tensor, 0, length);
        sample(file, tensor, tensor.bytes() - length, length);
    }

    private void sample(SafetensorsFile file, StoredTensor tensor, long offset, int length) {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        file.read(tensor, offset, bytes);
        bytes(bytes.array());
    }

    private void text(String text) {
        bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private void bytes(byte[] bytes) {
        number(bytes.length);
        digest.update(bytes);
    }

    private void number(long number) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, number));
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
