package dev.inlay.model;

import dev.inlay.InlayException;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Workers;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsWriter;
import dev.inlay.model.files.StoredType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Logits of token sequences in a file, for comparing with other tools.
 *
 * <p>safetensors: {@code logits} F32 [batch, seq, vocab], where seq is the longest row and shorter rows end in zeros;
 * {@code lengths} I64 [batch], the tokens of each row. Each row is computed by itself as it is written, as many at once as
 * there are workers.
 */
public final class LogitsFile {
    private LogitsFile() {}

    /**
     * @param rows token ids, at least one row, each with at least one token
     * @param workers on which rows are computed; memory for logits grows with their number
     */
    public static void write(
            Path target,
            Decoder decoder,
            List<int[]> rows,
            List<? extends Intervention> interventions,
            Workers workers) {
        Rows.of(rows);
        int vocabulary = decoder.config().vocabulary();
        int longest = rows.stream().mapToInt(row -> row.length).max().orElse(0);
        long[] shape = {rows.size(), longest, vocabulary};
        NewTensor logits = NewTensor.of("logits", StoredType.F32, shape, sink -> {
            for (int start = 0; start < rows.size(); start += workers.threads()) {
                List<int[]> some = rows.subList(start, Math.min(rows.size(), start + workers.threads()));
                for (float[] values : logits(decoder, some, interventions, workers)) {
                    sink.write(littleEndian(values));
                    ByteBuffer padding = ByteBuffer.allocate(vocabulary * Float.BYTES);
                    for (int position = values.length / vocabulary; position < longest; position++) {
                        sink.write(padding.clear());
                    }
                }
            }
        });
        NewTensor lengths = NewTensor.of("lengths", StoredType.I64, new long[] {rows.size()}, sink -> {
            ByteBuffer bytes = ByteBuffer.allocate(rows.size() * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            rows.forEach(row -> bytes.putLong(row.length));
            sink.write(bytes.flip());
        });
        SafetensorsWriter.write(target, List.of(logits, lengths), Map.of());
    }

    /** [tokens * vocabulary] of each row */
    private static float[][] logits(
            Decoder decoder, List<int[]> rows, List<? extends Intervention> interventions, Workers workers) {
        float[][] logits = new float[rows.size()][];
        try (Scope scope = Scope.open()) {
            workers.map(rows.size(), row -> {
                logits[row] = logits(decoder, rows.get(row), interventions);
                return List.of();
            });
        }
        return logits;
    }

    /** [tokens * vocabulary] */
    private static float[] logits(Decoder decoder, int[] row, List<? extends Intervention> interventions) {
        try (Scope scope = Scope.open()) {
            Pass pass = Pass.over(Rows.of(List.of(row)), interventions);
            Tensor logits = decoder.logits(decoder.hidden(pass), pass);
            if (!logits.isFinite()) {
                throw InlayException.diverged(
                        "the logits of the row %s are not finite; check the weights, or use float32",
                        Arrays.toString(row));
            }
            return logits.toFloats();
        }
    }

    private static ByteBuffer littleEndian(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes;
    }
}
