package dev.inlay.app.experiments.world;

import dev.inlay.InlayException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * Which texts to write.
 *
 * @param registers mixed by their weights
 * @param rows of the split train
 * @param heldOut rows of each other split
 * @param world the one world of all texts, whose facts can be learned; empty if every text has its own
 */
public record WorldOptions(List<Register> registers, long rows, long heldOut, long seed, OptionalLong world) {
    public WorldOptions {
        registers = registers.stream().distinct().sorted().toList();
        InlayException.require(!registers.isEmpty(), "at least one register is needed, found none");
        InlayException.require(rows > 0, "rows must be positive, was %d", rows);
        InlayException.require(heldOut > 0, "rows held out must be positive, was %d", heldOut);
    }

    /** The directories with rows: {@code text}, {@code chat}, or one of them. */
    public List<String> folders() {
        return Arrays.stream(Form.values())
                .filter(form -> !form.of(registers).isEmpty())
                .map(Form::toString)
                .toList();
    }

    /** Texts in all. */
    public long texts() {
        return folders().size() * (rows + (Split.values().length - 1) * heldOut);
    }

    long rows(Split split) {
        return split == Split.TRAIN ? rows : heldOut;
    }
}
