package dev.inlay.training.data;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import java.util.ArrayList;
import java.util.List;

/**
 * A share of the rows set aside for evaluation, chosen by the seed alone and before anything is encoded.
 *
 * @param share of the rows, from 0 to less than 1; rounded to whole rows, at least one if positive
 */
public record Split(double share, long seed) {
    /** No epoch has this number, so evaluation rows and data order are independent of each other. */
    private static final long STREAM = -1;

    public Split {
        require(share >= 0 && share < 1, "the evaluation share must be from 0 to less than 1, was %s", share);
    }

    /** Both parts in file order. */
    public record Parts(Dataset train, Dataset evaluation) {}

    /**
     * Parts the rows.
     *
     * @throws InlayException if no row would be left to train on
     */
    public Parts of(Dataset data) {
        int size = data.size();
        int held = share == 0 ? 0 : (int) Math.max(1, Math.rint(share * size));
        if (held >= size) {
            throw InlayException.data(
                    "%s: an evaluation share of %s of %d rows leaves none to train on; lower the share or add rows",
                    data.name(), share, size);
        }
        boolean[] aside = new boolean[size];
        int[] order = Permutation.of(size, seed, STREAM);
        for (int i = 0; i < held; i++) {
            aside[order[i]] = true;
        }
        List<Row> train = new ArrayList<>();
        List<Row> evaluation = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            (aside[i] ? evaluation : train).add(data.rows().get(i));
        }
        return new Parts(new Dataset(data.name(), train), new Dataset(data.name(), evaluation));
    }
}
