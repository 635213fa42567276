package dev.inlay.training;

import dev.inlay.adapter.twin.TwinPass;
import dev.inlay.engine.Scope;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.Pass;
import dev.inlay.model.Past;
import dev.inlay.model.Pasts;
import dev.inlay.model.Reading;
import dev.inlay.model.Rows;
import dev.inlay.training.data.Origin;
import dev.inlay.training.data.Unit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A pass over what of a unit's rows bears on the gradient: each row goes on from the keys and values of the tokens before
 * the first on which anything acts. Exact in real arithmetic: nothing trained reaches the loss through those tokens. Rows
 * that two sides read ({@link TwinPass}) are not cut.
 *
 * @param pass over the rest of each row
 * @param unit the rows of the pass, with its targets
 * @param lease of what they go on from; null where no row is split
 */
record UnitPass(Pass pass, Unit unit, Prefixes.@Nullable Lease lease) implements AutoCloseable {
    private static final Past NOTHING = new Past(List.of(), 0, Scope.detached());

    /**
     * @param begins for each row the first position at which anything acts
     */
    static UnitPass of(
            Decoder decoder, Unit unit, int[] begins, List<? extends Intervention> interventions, Prefixes prefixes) {
        if (TwinPass.junction(interventions).isPresent()) {
            return twin(unit, interventions);
        }
        int[] cuts = prefixes.splits() ? cuts(decoder, unit, begins) : new int[0];
        if (Arrays.stream(cuts).allMatch(cut -> cut == 0)) {
            return new UnitPass(Pass.over(UnitLoss.rows(unit), interventions), unit, null);
        }
        List<int[]> beginnings = new ArrayList<>();
        List<int[]> rests = new ArrayList<>();
        for (int row = 0; row < cuts.length; row++) {
            int[] ids = unit.rows().get(row).ids();
            rests.add(Arrays.copyOfRange(ids, cuts[row], ids.length));
            if (cuts[row] > 0) {
                beginnings.add(Arrays.copyOf(ids, cuts[row]));
            }
        }
        Prefixes.Lease lease = prefixes.of(decoder, beginnings);
        Iterator<Past> read = lease.pasts().iterator();
        List<Past> pasts = Arrays.stream(cuts)
                .mapToObj(cut -> cut == 0 ? NOTHING : read.next())
                .toList();
        Pass pass = Pass.continuing(new Pasts(pasts, unit.rows()), Rows.of(rests), interventions);
        return new UnitPass(pass, rest(unit, cuts, rests), lease);
    }

    private static UnitPass twin(Unit unit, List<? extends Intervention> interventions) {
        TwinPass twin = TwinPass.over(unit.rows(), interventions);
        Rows rows = twin.pass().rows();
        List<Reading> all =
                IntStream.range(0, rows.count()).mapToObj(rows::reading).toList();
        int[] examples = IntStream.concat(IntStream.of(unit.examples()), IntStream.of(unit.examples()))
                .toArray();
        List<Origin> origins =
                Stream.of(unit.origins(), unit.origins()).flatMap(List::stream).toList();
        Unit both = new Unit(all, twin.places(unit.positions()), unit.labels(), examples, origins, unit.recorded());
        return new UnitPass(twin.pass(), both, null);
    }

    /** Where each row is cut: before the first position that acts or carries loss, so that at least one token is left. */
    private static int[] cuts(Decoder decoder, Unit unit, int[] begins) {
        int[] cuts = begins.clone();
        for (int row = 0; row < cuts.length; row++) {
            cuts[row] = Math.min(cuts[row], unit.rows().get(row).ids().length - 1);
        }
        int row = 0;
        int start = 0;
        for (int position : unit.positions()) {
            while (position >= start + unit.rows().get(row).ids().length) {
                start += unit.rows().get(row++).ids().length;
            }
            cuts[row] = Math.min(cuts[row], position - start);
        }
        for (int i = 0; i < cuts.length; i++) {
            if (!decoder.config().canSplit(cuts[i], unit.rows().get(i).ids().length)) {
                cuts[i] = 0;
            }
        }
        return cuts;
    }

    private static Unit rest(Unit unit, int[] cuts, List<int[]> rests) {
        int[] starts = new int[cuts.length + 1];
        int[] moved = new int[cuts.length + 1];
        for (int i = 0; i < cuts.length; i++) {
            starts[i + 1] = starts[i] + unit.rows().get(i).ids().length;
            moved[i + 1] = moved[i] + rests.get(i).length;
        }
        int[] positions = IntStream.of(unit.positions())
                .map(position -> {
                    int row = rowOf(starts, position);
                    return position - starts[row] - cuts[row] + moved[row];
                })
                .toArray();
        return new Unit(
                rests.stream().map(Reading::of).toList(),
                positions,
                unit.labels(),
                unit.examples(),
                unit.origins(),
                unit.recorded());
    }

    private static int rowOf(int[] starts, int position) {
        int found = Arrays.binarySearch(starts, position);
        return found >= 0 ? found : -found - 2;
    }

    @Override
    public void close() {
        if (lease != null) {
            lease.close();
        }
    }
}
