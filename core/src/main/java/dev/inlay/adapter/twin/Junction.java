package dev.inlay.adapter.twin;

import dev.inlay.adapter.Gated;
import dev.inlay.model.Intervention;
import dev.inlay.model.Reading;
import java.util.List;

/**
 * What joins the two sides of a text. A pass with a junction runs each row twice ({@link TwinPass}): the first sides of all
 * rows, then their second sides in the same order.
 */
public interface Junction extends Intervention {
    /**
     * Who acts in such a pass.
     *
     * @param first on the first sides
     * @param second on the second sides, whose results count
     * @param both on both together
     */
    record Sides(List<? extends Intervention> first, List<? extends Intervention> second, Intervention both) {}

    /** The sides of an adapter. */
    Sides sides(List<? extends Gated> adapter);

    /** How many of a row's tokens the first side reads, at least 1. */
    int firstLength(Reading row);
}
