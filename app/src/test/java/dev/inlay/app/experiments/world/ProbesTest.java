package dev.inlay.app.experiments.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Workers;
import dev.inlay.model.Activation;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.Pass;
import dev.inlay.model.Rows;
import dev.inlay.model.Stream;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.model.text.bpe.BpeTrainer;
import dev.inlay.model.text.bpe.ControlTokens;
import dev.inlay.model.text.bpe.TokenizerWriter;
import dev.inlay.model.text.bpe.WordCounts;
import dev.inlay.testing.RandomLlama;
import dev.inlay.training.data.Dataset;
import dev.inlay.training.data.Encoder;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.LossOn;
import dev.inlay.training.data.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbesTest {
    @TempDir
    Path folder;

    @Test
    void featuresHaveMeanZeroAndVarianceOneOverTheTextsTheyAreScaledBy() {
        List<Features> texts = List.of(dense(1, 5, 2), dense(3, 5, 8), dense(8, 5, -1));
        List<Features> scaled = new Standard(texts).of(texts);
        for (int c = 0; c < 3; c++) {
            int column = c;
            double sum = scaled.stream().mapToDouble(t -> t.values()[column]).sum();
            double squares = scaled.stream()
                    .mapToDouble(t -> t.values()[column] * t.values()[column])
                    .sum();
            assertThat(sum).isCloseTo(0, within(1e-12));
            assertThat(squares).isCloseTo(c == 1 ? 0 : 3, within(1e-12));
        }
    }

    /** Observed one text at a time, with a pass of its own; the batches of the probe hold several. */
    @Test
    void featuresAreTheResidualStreamAfterEachLayerWhateverElseIsInTheBatch() throws IOException {
        new RandomLlama(2, 16, 24, 2, 2, 300).write(folder, DType.FLOAT32);
        WordCounts counts = new WordCounts();
        counts.add("one two three");
        TokenizerWriter.write(BpeTrainer.learn(counts, 280, ControlTokens.all(), done -> {}), folder);
        List<Row> rows = List.of(
                new Row.TextRow(1, "one two"), new Row.TextRow(2, "three"), new Row.TextRow(3, "two three one"));
        try (Decoder decoder = Decoder.load(folder, Device.CPU);
                Tokenizer tokenizer = Tokenizer.load(folder);
                Workers workers = Workers.of(2);
                Scope scope = Scope.open()) {
            Encoder encoder = Encoder.plain(tokenizer, LossOn.ALL);
            HiddenStates states = new HiddenStates(decoder, encoder, workers);
            assertThat(states.places()).containsExactly("layer 0 last", "layer 0 mean", "layer 1 last", "layer 1 mean");
            List<List<Features>> features = states.of(new Dataset("rows", rows));
            for (int text = 0; text < rows.size(); text++) {
                Example example = encoder.example("rows", rows.get(text));
                int[] ids = Arrays.copyOf(example.ids(), example.inputs());
                float[] stream = afterLastLayer(decoder, ids);
                for (int c = 0; c < 16; c++) {
                    double mean = 0;
                    for (int token = 0; token < ids.length; token++) {
                        mean += stream[token * 16 + c] / (double) ids.length;
                    }
                    assertThat(features.get(2).get(text).values()[c])
                            .isCloseTo(stream[(ids.length - 1) * 16 + c], within(1e-5));
                    assertThat(features.get(3).get(text).values()[c]).isCloseTo(mean, within(1e-5));
                }
            }
        }
    }

    private static float[] afterLastLayer(Decoder decoder, int[] ids) {
        List<float[]> seen = new ArrayList<>();
        Intervention recorder = new Intervention() {
            @Override
            public Set<Stream> streams() {
                return Set.of(Stream.RESIDUAL_END);
            }

            @Override
            public Tensor at(Activation where, Tensor value, Pass pass) {
                seen.add(value.toFloats());
                return value;
            }
        };
        decoder.hidden(Pass.over(Rows.of(List.of(ids)), List.of(recorder)));
        return seen.get(seen.size() - 1);
    }

    private static Features dense(double... values) {
        return new Features(new int[] {0, 1, 2}, values);
    }
}
