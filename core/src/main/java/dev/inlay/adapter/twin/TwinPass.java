package dev.inlay.adapter.twin;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import dev.inlay.adapter.Gated;
import dev.inlay.model.Intervention;
import dev.inlay.model.Pass;
import dev.inlay.model.PerRow;
import dev.inlay.model.Reading;
import dev.inlay.model.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A pass over whole rows: each twice where one of those who act is a {@link Junction}, and an ordinary pass otherwise.
 *
 * @param pass the first sides of all rows and then their second sides, or the rows
 * @param offset place in the pass of the first token whose result counts; the others follow in their order
 */
public record TwinPass(Pass pass, int offset) {
    /**
     * @param interventions an adapter's parts, of which one may be a junction
     * @throws InlayException if another part cannot be closed by a gate, or if there are two junctions
     */
    public static TwinPass over(List<Reading> rows, List<? extends Intervention> interventions) {
        Optional<Junction> found = junction(interventions);
        if (found.isEmpty()) {
            return new TwinPass(Pass.over(Rows.reading(rows), interventions), 0);
        }
        Junction junction = found.get();
        Junction.Sides sides = junction.sides(adapter(interventions));
        List<Reading> all = new ArrayList<>();
        rows.forEach(row -> all.add(first(row, junction.firstLength(row))));
        all.addAll(rows);
        List<List<? extends Intervention>> acting = new ArrayList<>(Collections.nCopies(rows.size(), sides.first()));
        acting.addAll(Collections.nCopies(rows.size(), sides.second()));
        Rows both = Rows.reading(all);
        return new TwinPass(Pass.over(both, List.of(new PerRow(acting), sides.both())), both.start(rows.size()));
    }

    /** The junction among those who act. */
    public static Optional<Junction> junction(List<? extends Intervention> interventions) {
        List<Junction> found = interventions.stream()
                .filter(Junction.class::isInstance)
                .map(Junction.class::cast)
                .toList();
        require(found.size() <= 1, "an adapter joins its two sides in one way, found %d", found.size());
        return found.stream().findFirst();
    }

    private static List<Gated> adapter(List<? extends Intervention> interventions) {
        List<Gated> adapter = new ArrayList<>();
        for (Intervention intervention : interventions) {
            if (intervention instanceof Gated gated) {
                adapter.add(gated);
            } else if (!(intervention instanceof Junction)) {
                throw InlayException.adapter(
                        "an adapter that is read by two sides consists of low-rank changes without dropout, found %s",
                        intervention.getClass().getSimpleName());
            }
        }
        return adapter;
    }

    /** The first tokens of a row, with the gates of the whole row. */
    private static Reading first(Reading row, int length) {
        int[] ids = Arrays.copyOf(row.ids(), length);
        return new Reading(ids, Math.min(row.given(), length), row.stated());
    }

    /** Places in the pass of tokens whose places in the rows' own stream are given. */
    public int[] places(int... stream) {
        return IntStream.of(stream).map(place -> place + offset).toArray();
    }
}
