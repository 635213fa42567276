package dev.inlay.adapter.merge;

import dev.inlay.InlayException;
import dev.inlay.adapter.LowRank;
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

/**
 * A stored weight plus a low-rank change, made block by block of rows while it is written: read, summed in float64,
 * rounded once, checked. Blocks take a few tens of megabytes, whatever the size of the tensor.
 */
final class MergedTensor {
    private static final long BLOCK = 1L << 20;

    private final SafetensorsFile file;
    private final StoredTensor source;
    private final DType from;
    private final DType to;
    private final List<Change> changes;
    private final long columns;
    private final long rows;

    private MergedTensor(SafetensorsFile file, StoredTensor source, DType from, DType to, List<Change> changes) {
        this.file = file;
        this.source = source;
        this.from = from;
        this.to = to;
        this.changes = changes;
        long[] shape = source.shape();
        this.columns = shape.length == 2 ? shape[1] : 1;
        this.rows = columns == 0 ? 0 : source.count() / columns;
    }

    /** The change of one weight, and where that weight lies. */
    record Change(LinearSite place, LowRank factors) {
        /** The wide factors, of which blocks of the change are made. */
        Change wide() {
            return new Change(
                    place,
                    new LowRank(
                            factors.up().detached().to(DType.FLOAT64),
                            factors.down().detached().to(DType.FLOAT64),
                            factors.scale()));
        }

        /** Adds rows {@code start} and following of {@code scale * up down}, or of its transpose if stored so. */
        void addTo(Tensor block, long start) {
            long end = place.storedTransposed() ? place.in() : place.out();
            // An embedding, and so a head, can be stored with more rows than the vocabulary has.
            long length = Math.min(block.size(0), end - start);
            if (length <= 0) {
                return;
            }
            Tensor change = place.storedTransposed()
                    ? factors.down()
                            .narrow(1, start, length)
                            .transposed()
                            .matmul(factors.up().transposed())
                    : factors.up().narrow(0, start, length).matmul(factors.down());
            block.narrow(0, 0, length).add(change, factors.scale());
        }
    }

    /** A tensor that is only stored in another type. */
    static NewTensor converted(String name, SafetensorsFile file, StoredTensor source, DType from, DType to) {
        return new MergedTensor(file, source, from, to, List.of()).announced(name);
    }

    static NewTensor changed(
            String name, SafetensorsFile file, StoredTensor source, DType from, DType to, Change change) {
        return new MergedTensor(file, source, from, to, List.of(change)).announced(name);
    }

    private NewTensor announced(String name) {
        return NewTensor.of(name, StoredType.of(to), source.shape(), this::writeTo);
    }

    private void writeTo(NewTensor.Sink sink) {
        try (Scope all = Scope.open()) {
            List<Change> wide = changes.stream().map(Change::wide).toList();
            long step = Math.max(1, BLOCK / Math.max(1, columns));
            for (long start = 0; start < rows; start += step) {
                try (Scope scope = Scope.open()) {
                    Tensor block =
                            block(start, Math.min(step, rows - start), wide).contiguous();
                    sink.write(block.bytes(0, Math.toIntExact(block.byteCount())));
                }
            }
        }
    }

    private Tensor block(long start, long length, List<Change> wide) {
        Tensor stored = Tensor.empty(from, Device.CPU, length, columns);
        file.read(source, start * columns * from.bytes(), stored.bytes(0, Math.toIntExact(stored.byteCount())));
        if (!stored.isFinite()) {
            throw InlayException.data(
                    "%s: tensor %s holds NaN or infinite values; such a weight is not merged",
                    file.path(), source.name());
        }
        Tensor sum = stored.to(DType.FLOAT64);
        wide.forEach(change -> change.addTo(sum, start));
        Tensor rounded = sum.to(to);
        if (!rounded.isFinite()) {
            throw InlayException.adapter(
                    "tensor %s: values up to %.3g do not fit %s; merge into FLOAT32", source.name(), sum.maxAbs(), to);
        }
        return rounded;
    }
}
