package dev.inlay.app.experiments.world;

import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Workers;
import dev.inlay.model.Activation;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.Pass;
import dev.inlay.model.Rows;
import dev.inlay.model.Stream;
import dev.inlay.training.data.Dataset;
import dev.inlay.training.data.Encoder;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Examples;
import dev.inlay.training.data.Limit;
import dev.inlay.training.data.Overflow;
import dev.inlay.training.data.Unit;
import dev.inlay.training.data.Units;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What a decoder makes of texts, as features: after each layer the residual stream at the last token, and its mean over all
 * tokens of the text.
 */
final class HiddenStates {
    private static final int UNIT_TOKENS = 1024;

    private final Decoder decoder;
    private final Encoder encoder;
    private final Workers workers;

    HiddenStates(Decoder decoder, Encoder encoder, Workers workers) {
        this.decoder = decoder;
        this.encoder = encoder;
        this.workers = workers;
    }

    /** Where features are taken, in the order of {@link #of}: {@code layer 0 last}, {@code layer 0 mean}, ... */
    List<String> places() {
        return IntStream.range(0, decoder.config().layers())
                .boxed()
                .flatMap(layer -> java.util.stream.Stream.of("layer " + layer + " last", "layer " + layer + " mean"))
                .toList();
    }

    /** Features of each text, [place][text], all of as many columns as the residual stream is wide. */
    List<List<Features>> of(Dataset texts) {
        Limit limit = new Limit(decoder.config().contextLength(), Overflow.ERROR);
        List<Example> examples = Examples.of(texts, encoder, limit).list();
        Features[][] features = new Features[places().size()][examples.size()];
        List<Unit> units = Units.all(examples, UNIT_TOKENS);
        try (Scope scope = Scope.open()) {
            workers.map(units.size(), i -> {
                Unit unit = units.get(i);
                decoder.hidden(Pass.over(rows(unit), List.of(new Recorder(unit, features))));
                return List.of();
            });
        }
        return Arrays.stream(features).map(List::of).toList();
    }

    private static Rows rows(Unit unit) {
        List<int[]> rows = new ArrayList<>();
        int start = 0;
        for (int length : unit.lengths()) {
            rows.add(Arrays.copyOfRange(unit.ids(), start, start + length));
            start += length;
        }
        return Rows.of(rows);
    }

    /** Writes the features of the unit's texts, which no other unit has. */
    @SuppressWarnings("ArrayRecordComponent") // filled by many, each in its own places
    private record Recorder(Unit unit, Features[][] features) implements Intervention {
        @Override
        public Set<Stream> streams() {
            return Set.of(Stream.RESIDUAL_END);
        }

        @Override
        public Tensor at(Activation where, Tensor value, Pass pass) {
            int width = (int) value.size(1);
            float[] values = value.to(DType.FLOAT32).toFloats();
            int start = 0;
            for (int row = 0; row < unit.lengths().length; row++) {
                int length = unit.lengths()[row];
                int text = unit.examples()[row];
                features[2 * where.layer()][text] = mean(values, start + length - 1, 1, width);
                features[2 * where.layer() + 1][text] = mean(values, start, length, width);
                start += length;
            }
            return value;
        }

        private static Features mean(float[] values, int first, int count, int width) {
            double[] mean = new double[width];
            for (int i = 0; i < count; i++) {
                for (int c = 0; c < width; c++) {
                    mean[c] += values[(first + i) * width + c] / (double) count;
                }
            }
            return new Features(IntStream.range(0, width).toArray(), mean);
        }
    }
}
