package dev.inlay.adapter.twin;

import dev.inlay.adapter.Gated;
import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;
import dev.inlay.model.Reading;
import java.util.List;

/**
 * {@link TwinReaders} as a pass takes them: the first side is the base's, the second the adapted model's.
 *
 * @param wholeBase whether the base reads more than the prefix
 */
record ReadersJunction(TwinReaders part, boolean wholeBase) implements Junction {
    @Override
    public Sides sides(List<? extends Gated> adapter) {
        List<Intervention> everywhere =
                adapter.stream().<Intervention>map(each -> each.with(Gate.OPEN)).toList();
        return new Sides(List.of(), everywhere, new TwinAttention(part, everywhere));
    }

    /** As much as some reader needs of the base: the prefix, or all. */
    @Override
    public int firstLength(Reading row) {
        int length = row.ids().length;
        return Math.max(
                1, wholeBase ? length : Math.min(length, part.gate().over(row).firstOpen()));
    }
}
