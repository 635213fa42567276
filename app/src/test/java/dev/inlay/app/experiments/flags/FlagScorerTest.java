package dev.inlay.app.experiments.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.InlayException;
import dev.inlay.adapter.peft.AdaptedModel;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.Pass;
import dev.inlay.model.Reading;
import dev.inlay.model.Rows;
import dev.inlay.model.Segments;
import dev.inlay.testing.Golden;
import dev.inlay.training.data.Example;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FlagScorerTest {
    private static final Path MODEL = Golden.path("llama-linear-rope/model");
    private static final Path ACTIVATED = Golden.path("llama-linear-rope/alora/adapter");
    private static final int[] ROW = {5, 9, 33, 60, 41};

    @Test
    void verdictsOfSeveralTokensMultiplyTheirProbabilities() {
        int[][][] verdicts = {
            {{7}, {8}}, {{7}, {8, 20}}, {{7, 21, 30}, {8}}, {{7, 21}, {8, 20, 11}},
        };
        try (Scope scope = Scope.open();
                Decoder decoder = Decoder.load(MODEL, Device.CPU);
                Workers workers = Workers.of(2)) {
            for (int[][] verdict : verdicts) {
                FlagPrompt prompt = prompt(ROW, verdict[0], verdict[1]);
                double expected = logProbability(decoder, ROW, verdict[1]) - logProbability(decoder, ROW, verdict[0]);
                double actual = new FlagScorer(decoder, workers, 512).logits(List.of(prompt), List.of())[0];
                assertThat(actual).as(Arrays.deepToString(verdict)).isCloseTo(expected, within(1e-5));
            }
        }
    }

    private static FlagPrompt prompt(int[] row, int[] pass, int[] fail) {
        return new FlagPrompt(Reading.of(row), pass, fail);
    }

    /** One pass per token, softmax by hand. */
    private static double logProbability(Decoder decoder, int[] row, int[] verdict) {
        double sum = 0;
        int[] ids = row;
        for (int token : verdict) {
            Pass pass = Pass.over(Rows.of(ids));
            double[] logits = decoder.logits(decoder.hidden(pass), pass).toDoubles();
            double[] last = Arrays.copyOfRange(logits, logits.length - 96, logits.length);
            double whole = Arrays.stream(last).map(Math::exp).sum();
            sum += last[token] - Math.log(whole);
            ids = IntStream.concat(Arrays.stream(ids), IntStream.of(token)).toArray();
        }
        return sum;
    }

    @Test
    void neighboursAndBatchesChangeNothing() {
        try (Decoder decoder = Decoder.load(MODEL, Device.CPU);
                Workers workers = Workers.of(2)) {
            List<FlagPrompt> prompts = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                int[] row = IntStream.range(0, 3 + 7 * i % 11)
                        .map(j -> 3 + (j * j + prompts.size()) % 90)
                        .toArray();
                prompts.add(prompt(row, i % 2 == 0 ? new int[] {7} : new int[] {7, 9}, new int[] {8, 5}));
            }
            LongAdder rows = new LongAdder();
            double[] together =
                    new FlagScorer(decoder, workers, 64).withProgress(rows::add).logits(prompts, List.of());
            assertThat(rows.sum()).isEqualTo(FlagScorer.rowCount(prompts)).isEqualTo(12 + 6);
            for (int i = 0; i < prompts.size(); i++) {
                double alone = new FlagScorer(decoder, workers, 512).logits(List.of(prompts.get(i)), List.of())[0];
                assertThat(together[i]).isCloseTo(alone, within(1e-5));
            }
        }
    }

    /** The difference of two log-probabilities is that of two logits, and peft recorded these. */
    @Test
    void gatedAdapterScoresAsPeft() {
        AdaptedModel.Request request = new AdaptedModel.Request(MODEL, List.of(ACTIVATED), Set.of());
        try (Scope scope = Scope.open();
                AdaptedModel model = AdaptedModel.load(request, Optional.empty(), Device.CPU);
                Workers workers = Workers.of(1)) {
            List<Intervention> adapter = model.interventions(ACTIVATED);
            Map<String, Tensor> recorded = Golden.tensors(Golden.path("llama-linear-rope/alora/cases.safetensors"));
            for (int row = 0; row < 3; row++) {
                int[] ids = Golden.ids(recorded.get("row" + row + ".input_ids"));
                double[] logits = recorded.get("row" + row + ".logits").toDoubles();
                int last = logits.length - 96;
                FlagPrompt prompt = prompt(ids, new int[] {40}, new int[] {50});
                double[] scored = new FlagScorer(model.decoder(), workers, 512).logits(List.of(prompt), adapter);
                assertThat(scored[0]).isCloseTo(logits[last + 50] - logits[last + 40], within(5e-5));
            }
        }
    }

    @Test
    void flagIsWhatTwoRowsDoNotShare() {
        Example pass = example(4, 5, 6, 70, 71, 2);
        Example fail = example(4, 5, 6, 80, 2);
        FlagPrompt prompt = FlagPrompt.of(pass, fail);
        assertThat(prompt.before().ids()).containsExactly(4, 5, 6);
        assertThat(prompt.before().given()).isEqualTo(2);
        assertThat(prompt.before().stated()).isEqualTo(Segments.from(1));
        assertThat(prompt.pass()).containsExactly(70, 71);
        assertThat(prompt.fail()).containsExactly(80);
        assertThat(prompt.length()).isEqualTo(4);
        assertThat(prompt.with(prompt.pass()).ids()).containsExactly(4, 5, 6, 70);
        assertThat(prompt.with(prompt.pass()).given()).isEqualTo(2);
    }

    private static Example example(int... ids) {
        boolean[] targets = new boolean[ids.length];
        Arrays.fill(targets, 2, ids.length, true);
        return new Example(ids, targets, 1, Segments.from(1));
    }

    @Test
    void flagThatIsAllOfTheRowIsRefused() {
        assertThatThrownBy(() -> FlagPrompt.of(example(7, 5, 6), example(8, 5, 6)))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("a token before it");
    }
}
