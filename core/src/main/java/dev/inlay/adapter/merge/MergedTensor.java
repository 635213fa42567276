package dev.inlay.adapter.merge;

import dev.inlay.InlayException;
import dev.inlay.adapter.Edit;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.LinearSite;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.files.StoredTensor;
import dev.inlay.model.files.StoredType;
import java.util.List;
import java.util.Optional;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;

/**
 * A stored weight or bias as an adapter changes it, made block by block of rows while it is written: read, summed in float64,
 * rounded once, checked. Blocks take a few tens of megabytes, whatever the size of the tensor.
 */
final class MergedTensor {
    private static final long BLOCK = 1L << 20;

    private final SafetensorsFile file;
    private final StoredTensor source;
    private final DType from;
    private final DType to;
    private final Change change;
    private final long columns;
    private final long rows;

    private MergedTensor(SafetensorsFile file, StoredTensor source, DType from, DType to, Change change) {
        this.file = file;
        this.source = source;
        this.from = from;
        this.to = to;
        this.change = change;
        long[] shape = source.shape();
        this.columns = shape.length == 2 ? shape[1] : 1;
        this.rows = columns == 0 ? 0 : source.count() / columns;
    }

    /**
     * What becomes of a tensor.
     *
     * @param edits made where the tensor is written, because they hold copies in float64; in the order of acting
     * @param transposed whether the file stores rows that are inputs
     * @param used rows that are part of the weight; an embedding, and so a head, can be stored with more
     */
    record Change(Supplier<List<Edit>> edits, boolean transposed, long used) {
        static final Change NONE = new Change(List::of, false, 0);

        static Change ofWeight(LinearSite place, Supplier<List<Edit>> edits) {
            return new Change(edits, place.storedTransposed(), place.storedTransposed() ? place.in() : place.out());
        }

        static Change ofBias(LinearSite place, Supplier<List<Edit>> edits) {
            return new Change(edits, false, place.out());
        }

        /** The used part of rows {@code start} and following, as edits see it; empty if there is none. */
        Optional<Edit.Block> block(Tensor rows, long start) {
            long length = Math.min(rows.size(0), used - start);
            if (length <= 0) {
                return Optional.empty();
            }
            Tensor part = rows.narrow(0, 0, length);
            return Optional.of(
                    transposed ? new Edit.Block(part.transposed(), 0, start) : new Edit.Block(part, start, 0));
        }
    }

    /** A tensor that is only stored in another type. */
    static NewTensor converted(String name, SafetensorsFile file, StoredTensor source, DType from, DType to) {
        return new MergedTensor(file, source, from, to, Change.NONE).announced(name);
    }

    static NewTensor changed(
            String name, SafetensorsFile file, StoredTensor source, DType from, DType to, Change change) {
        return new MergedTensor(file, source, from, to, change).announced(name);
    }

    private NewTensor announced(String name) {
        return NewTensor.of(name, StoredType.of(to), source.shape(), this::writeTo);
    }

    private void writeTo(NewTensor.Sink sink) {
        try (Scope all = Scope.open()) {
            List<Edit> edits = change.edits().get();
            List<Edit> looking = edits.stream().filter(Edit::looks).toList();
            if (!looking.isEmpty()) {
                inBlocks((rows, start) ->
                        change.block(rows, start).ifPresent(block -> looking.forEach(edit -> edit.look(block))));
            }
            inBlocks((rows, start) -> {
                change.block(rows, start).ifPresent(block -> edits.forEach(edit -> edit.change(block)));
                Tensor rounded = rounded(rows).contiguous();
                sink.write(rounded.bytes(0, Math.toIntExact(rounded.byteCount())));
            });
        }
    }

    /** Visits the stored values in float64. */
    private void inBlocks(ObjLongConsumer<Tensor> visitor) {
        long step = Math.max(1, BLOCK / Math.max(1, columns));
        for (long start = 0; start < rows; start += step) {
            try (Scope scope = Scope.open()) {
                visitor.accept(read(start, Math.min(step, rows - start)), start);
            }
        }
    }

    private Tensor read(long start, long length) {
        Tensor stored = Tensor.empty(from, Device.CPU, length, columns);
        file.read(source, start * columns * from.bytes(), stored.bytes(0, Math.toIntExact(stored.byteCount())));
        if (!stored.isFinite()) {
            throw InlayException.data(
                    "%s: tensor %s holds NaN or infinite values; such a weight is not merged",
                    file.path(), source.name());
        }
        // Float64 itself is read into new memory as well, so that it can be changed in place.
        return stored.to(DType.FLOAT64);
    }

    private Tensor rounded(Tensor sum) {
        Tensor rounded = sum.to(to);
        if (!rounded.isFinite()) {
            throw InlayException.adapter(
                    "tensor %s: values up to %.3g do not fit %s; merge into FLOAT32", source.name(), sum.maxAbs(), to);
        }
        return rounded;
    }
}
