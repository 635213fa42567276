package dev.inlay.model;

import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The history of rows that begin: there is none, and their keys and values are kept. */
final class PastRecorder implements History, AutoCloseable {
    private final Rows rows;
    private final int layers;
    private final List<Past.Builder> builders = new ArrayList<>();

    PastRecorder(Rows rows, int layers) {
        this.rows = rows;
        this.layers = layers;
        for (int i = 0; i < rows.count(); i++) {
            builders.add(new Past.Builder(Scope.detached()));
        }
    }

    /** What each row left. */
    List<Past> pasts() {
        List<Past> pasts = new ArrayList<>();
        for (int row = 0; row < rows.count(); row++) {
            pasts.add(builders.get(row).past(rows.length(row)));
            if (pasts.get(row).layers().size() != layers) {
                throw new IllegalStateException(
                        "a pass left keys of " + pasts.get(row).layers().size() + " layers");
            }
        }
        return pasts;
    }

    @Override
    public int rows() {
        return rows.count();
    }

    @Override
    public int length(int row) {
        return 0;
    }

    @Override
    public int expected(int row) {
        return rows.length(row);
    }

    @Override
    public Segments segments(Gate gate, int row) {
        return gate.over(rows.reading(row));
    }

    @Override
    public boolean holds(RotaryFrequencies frequencies, int row, int length) {
        return true;
    }

    @Override
    public void reserve(Rows next) {}

    @Override
    public List<Tensor> extend(int layer, int row, Tensor k, Tensor v) {
        Past.Builder builder = builders.get(row);
        builder.add(kept(k, builder.owner()), kept(v, builder.owner()));
        return List.of(k, v);
    }

    private Tensor kept(Tensor value, Scope owner) {
        return owner.own(value.copy());
    }

    @Override
    public void advance(Rows read) {}

    @Override
    public void close() {
        builders.forEach(builder -> builder.owner().close());
    }
}
