package dev.inlay.model.generation;

import dev.inlay.engine.Device;
import java.util.ArrayList;
import java.util.List;

/**
 * How the rows of a request are shared out among threads. On a processor two batches grow at once, each of half the rows,
 * even where there is one thread: kernels add in another order for another number of rows, so what shares a pass may
 * depend on the rows and on how many grow at once, and never on threads. An accelerator has one batch at a time.
 *
 * @param list in the order of the rows, as even as can be
 * @param atOnce how many may grow at once; together they have no more rows than were asked for
 */
record Batches(List<List<GrowingRow>> list, int atOnce) {
    static Batches of(List<GrowingRow> rows, GenerationOptions options, Device.Kind kind) {
        int most = Math.min(rows.size() + 1, options.rowsAtOnce());
        int size = kind == Device.Kind.CPU ? Math.max(1, most / 2) : options.rowsAtOnce();
        int count = (rows.size() + size - 1) / size;
        List<List<GrowingRow>> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            list.add(rows.subList(start(i, count, rows.size()), start(i + 1, count, rows.size())));
        }
        return new Batches(list, Math.min(options.threads(), options.rowsAtOnce() / size));
    }

    private static int start(int batch, int count, int rows) {
        return (int) ((long) rows * batch / count);
    }
}
