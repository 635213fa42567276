package dev.inlay.app.experiments.modular;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The rows of an experiment's CSV files; what is not there is empty. */
record ModularTables(ModularOptions options, List<Cell> cells) {
    /** A row per cell. */
    String cellRows() {
        StringBuilder csv = new StringBuilder("arm,depth,seed,state,base_epochs,base_accuracy,matched");
        for (String along : List.of("epoch", "norm")) {
            ForgettingFit.SHARES.forEach(
                    share -> csv.append(String.format(Locale.ROOT, ",%s_%.0f", along, 100 * share)));
        }
        csv.append(",addition_end,subtraction_trained,subtraction_held,norm_end,gap,along,aside,rest\n");
        for (Cell cell : cells) {
            csv.append(key(cell))
                    .append(cell.isTuned() ? ",tuned," : ",base-not-reached,")
                    .append(cell.base().epochs())
                    .append(',')
                    .append(cell.base().accuracy())
                    .append(',')
                    .append(isMatched(cell));
            falls(csv, cell, Curve.Point::epoch);
            falls(csv, cell, Curve.Point::norm);
            csv.append(cell.isTuned() ? end(cell) : ",".repeat(8)).append('\n');
        }
        return csv.toString();
    }

    /** Whether the base is as good as asked for, and not better than is tolerated. */
    boolean isMatched(Cell cell) {
        return cell.base().accuracy() >= options.accuracy()
                && cell.base().accuracy() <= options.accuracy() + options.tolerance();
    }

    private static String end(Cell cell) {
        Curve.Point last = cell.curve().last();
        StringBuilder csv = new StringBuilder();
        for (double each : List.of(last.addition(), last.trained(), last.held(), last.norm())) {
            csv.append(',').append(text(each));
        }
        // Of the first block: the only one where they are tied.
        ValueChange change = cell.values().get(0);
        for (double each : List.of(change.gap(), change.along(), change.aside(), change.rest())) {
            csv.append(',').append(text(each));
        }
        return csv.toString();
    }

    private static String key(Cell cell) {
        return cell.arm().text() + "," + cell.depth() + "," + cell.seed();
    }

    private static void falls(StringBuilder csv, Cell cell, ToDoubleFunction<Curve.Point> along) {
        for (double share : ForgettingFit.SHARES) {
            csv.append(',');
            if (cell.isTuned() && cell.curve().fall(share, along).isReached()) {
                csv.append(cell.curve().fall(share, along).at());
            }
        }
    }

    private static String text(double value) {
        return Double.isNaN(value) ? "" : String.valueOf(value);
    }

    /** A row per cell and logged epoch. */
    String curveRows() {
        StringBuilder csv =
                new StringBuilder("arm,depth,seed,epoch,addition,subtraction_trained,subtraction_held,norm\n");
        for (Cell cell : cells) {
            for (Curve.Point point : cell.curve().points()) {
                csv.append(key(cell)).append(',').append(point.epoch());
                for (double each : List.of(point.addition(), point.trained(), point.held(), point.norm())) {
                    csv.append(',').append(text(each));
                }
                csv.append('\n');
            }
        }
        return csv.toString();
    }

    /** A row per cell and layer, the embeddings being layer 0. */
    String layerRows() {
        StringBuilder csv =
                new StringBuilder("arm,depth,seed,layer,cosine_before,cosine_after,rank_before,rank_after\n");
        for (Cell cell : cells) {
            for (int k = 0; k < cell.layersBefore().size(); k++) {
                Layers.Measure before = cell.layersBefore().get(k);
                Layers.Measure after = cell.layersAfter().get(k);
                csv.append(key(cell)).append(',').append(k);
                for (double each : List.of(before.cosine(), after.cosine(), before.rank(), after.rank())) {
                    csv.append(',').append(each);
                }
                csv.append('\n');
            }
        }
        return csv.toString();
    }

    /** A row per cell, block with weights of its own and index: singular values and eigenvalues of V and V + dV. */
    String spectrumRows() {
        StringBuilder csv = new StringBuilder("arm,depth,seed,block,index,singular_before,singular_after,"
                + "real_before,imaginary_before,real_after,imaginary_after\n");
        for (Cell cell : cells) {
            for (int b = 0; b < cell.values().size(); b++) {
                ValueChange change = cell.values().get(b);
                for (int k = 0; k < change.before().size(); k++) {
                    csv.append(key(cell)).append(',').append(b).append(',').append(k);
                    for (double each : List.of(
                            change.before().get(k),
                            change.after().get(k),
                            change.spectrumBefore().get(2 * k),
                            change.spectrumBefore().get(2 * k + 1),
                            change.spectrumAfter().get(2 * k),
                            change.spectrumAfter().get(2 * k + 1))) {
                        csv.append(',').append(each);
                    }
                    csv.append('\n');
                }
            }
        }
        return csv.toString();
    }
}
