package dev.inlay.app.experiments.personality;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Which tasks are held out. The side of a task follows from its text and the seed alone: all samples of a task are on one
 * side, whatever their system prompt, intervention, topic, model or file, and more data move no task.
 *
 * @param share of the tasks that are held out, about; 0 to less than 1
 */
public record TaskSplit(double share, long seed) {
    private static final int NAME_BYTES = 8;

    public TaskSplit {
        require(share >= 0 && share < 1, "the share held out must be from 0 to less than 1, was %s", share);
    }

    /** Both sides in the order of the samples. */
    public record Sides(List<Sample> train, List<Sample> held) {}

    /**
     * @throws InlayException if a side that should have samples has none
     */
    public Sides of(List<Sample> samples) {
        List<Sample> train = samples.stream().filter(sample -> !isHeld(sample)).toList();
        List<Sample> held = samples.stream().filter(this::isHeld).toList();
        if (train.isEmpty() || (held.isEmpty() && share > 0)) {
            throw InlayException.data(
                    "a share of %s of the tasks of %d samples leaves %d samples to train on and %d to try; change the share"
                            + " or the seed, or add data",
                    share, samples.size(), train.size(), held.size());
        }
        return new Sides(train, held);
    }

    boolean isHeld(Sample sample) {
        return uniform(hash(ByteBuffer.allocate(Long.BYTES).putLong(seed).array(), task(sample))) < share;
    }

    /** A short name of a sample's task, the same for all its samples. */
    static String name(Sample sample) {
        return HexFormat.of().formatHex(hash(new byte[0], task(sample)), 0, NAME_BYTES);
    }

    private static String task(Sample sample) {
        return sample.task().strip();
    }

    /** The first 53 bits of a hash as a number from 0 to less than 1. */
    private static double uniform(byte[] hash) {
        return (ByteBuffer.wrap(hash).getLong() >>> 11) * 0x1.0p-53;
    }

    private static byte[] hash(byte[] salt, String task) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(salt);
            return digest.digest(task.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
