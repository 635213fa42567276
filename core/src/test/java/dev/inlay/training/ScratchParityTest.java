package dev.inlay.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Workers;
import dev.inlay.model.Architecture;
import dev.inlay.model.Decoder;
import dev.inlay.model.files.Json;
import dev.inlay.testing.Golden;
import dev.inlay.training.TrainingOptions.Memory;
import dev.inlay.training.data.Batch;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Units;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Training all weights of a decoder, against what torch computes. */
class ScratchParityTest {
    private static final int STEPS = 3;

    static List<String> models() {
        return List.of("scratch-llama-tied", "scratch-gpt2-untied");
    }

    @ParameterizedTest
    @MethodSource("models")
    void gradientsOfEveryWeightEqualTheRecordedOnes(String model) {
        for (Memory memory : Memory.values()) {
            try (Run run = new Run(model, options(model, memory, Double.POSITIVE_INFINITY), DType.FLOAT32, 2)) {
                StepReport report = run.trainer.step(run.units.step(0));
                JsonNode recorded = recorded(model).at("/steps/0");
                assertThat(report.loss()).isCloseTo(recorded.get("loss").asDouble(), within(1e-5));
                assertThat(report.gradientNorm())
                        .isCloseTo(recorded.get("gradient_norm").asDouble(), within(1e-4));
                // After one step the first moment is (1 - beta1) times the gradient.
                run.trained.values().copyFrom(run.trainer.optimiser().mean().times(10));
                run.compare(
                        "gradients.safetensors",
                        (name, expected, actual) ->
                                assertThat(Golden.difference(expected, actual)).isLessThan(1e-4 * expected.maxAbs()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void threeClippedStepsThatDecayMatricesAloneEqualTheRecordedOnes(String model) {
        double clip = recorded(model).at("/settings/clip_norm").asDouble();
        try (Run run = new Run(model, options(model, Memory.KEEP, clip), DType.FLOAT32, 2)) {
            for (int i = 0; i < STEPS; i++) {
                StepReport report = run.trainer.step(run.units.step(i));
                JsonNode step = recorded(model).at("/steps").get(i);
                assertThat(report.loss()).isCloseTo(step.get("loss").asDouble(), within(1e-4));
                assertThat(report.gradientNorm())
                        .isCloseTo(step.get("gradient_norm").asDouble(), within(1e-3));
            }
            run.compare("after_three_steps.safetensors", ScratchParityTest::assertSameWeights);
        }
    }

    /** Softmax does not see a bias of the keys: its gradient is rounding alone, of which AdamW makes whole steps. */
    private static void assertSameWeights(String name, Tensor expected, Tensor actual) {
        long width = expected.size(0) / 3;
        List<Long> starts = name.endsWith("c_attn.bias") ? List.of(0L, 2 * width) : List.of(0L);
        long length = starts.size() == 2 ? width : expected.size(0);
        for (long start : starts) {
            assertThat(Golden.difference(expected.narrow(0, start, length), actual.narrow(0, start, length)))
                    .as(name)
                    .isLessThan(2e-5);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void theNumberOfThreadsChangesNoBit(String model) {
        List<float[]> ends = new ArrayList<>();
        for (int threads : new int[] {1, 2, 3}) {
            try (Run run = new Run(model, options(model, Memory.KEEP, 1), DType.FLOAT32, threads)) {
                for (int i = 0; i < STEPS; i++) {
                    run.trainer.step(run.units.step(i));
                }
                ends.add(run.trained.values().toFloats());
            }
        }
        assertThat(ends.get(1)).isEqualTo(ends.get(0));
        assertThat(ends.get(2)).isEqualTo(ends.get(0));
    }

    @ParameterizedTest
    @MethodSource("models")
    void bfloat16ComputesNearlyTheSameGradientsForTheSameFloat32Weights(String model) {
        try (Run run = new Run(model, options(model, Memory.KEEP, Double.POSITIVE_INFINITY), DType.BFLOAT16, 1)) {
            StepReport report = run.trainer.step(run.units.step(0));
            assertThat(report.loss())
                    .isCloseTo(recorded(model).at("/steps/0/loss").asDouble(), within(0.05));
            assertThat(report.gradientNorm())
                    .isCloseTo(recorded(model).at("/steps/0/gradient_norm").asDouble(), within(0.1));
        }
    }

    @Test
    void trainingBeginsAsTransformersDoes() {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> llama = architecture("scratch-llama-tied").initial(1);
            assertThat(llama).doesNotContainKey("lm_head.weight");
            assertThat(deviation(llama.get("model.embed_tokens.weight"))).isCloseTo(0.02, within(2e-3));
            assertThat(deviation(llama.get("model.layers.1.self_attn.o_proj.weight")))
                    .isCloseTo(0.02, within(3e-3));
            assertThat(llama.get("model.norm.weight").toFloats()).containsOnly(1);
            Map<String, Tensor> gpt2 = architecture("scratch-gpt2-untied").initial(1);
            assertThat(deviation(gpt2.get("lm_head.weight"))).isCloseTo(0.02, within(2e-3));
            // Two layers: the maps that write to the residual stream begin with 0.02 / sqrt(2 * 2).
            assertThat(deviation(gpt2.get("transformer.h.1.mlp.c_proj.weight"))).isCloseTo(0.01, within(1e-3));
            assertThat(gpt2.get("transformer.h.1.mlp.c_proj.bias").toFloats()).containsOnly(0);
            assertThat(gpt2.get("transformer.ln_f.bias").toFloats()).containsOnly(0);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void theLossOnAToyTextFalls(String model) {
        AdamW adamW = new AdamW(0.9, 0.95, 1e-8, 0.1);
        TrainingOptions options = new TrainingOptions(60, 0.01, 1, 5, adamW, 1, 0, 0, 0, 0, 0, Memory.KEEP);
        try (Scope scope = Scope.open();
                DecoderParameters trained =
                        DecoderParameters.of(architecture(model).initial(3), DType.FLOAT32);
                Decoder decoder = architecture(model).decoder(trained.weights());
                Workers workers = Workers.of(2);
                Trainer trainer = new Trainer(decoder, trained, options, workers)) {
            Units units = new Units(counting(), Batch.rows(4), 40, 1);
            List<Double> losses = new ArrayList<>();
            trainer.fit(units, List.of(), new TrainingListener() {
                @Override
                public void stepped(StepReport report) {
                    losses.add(report.loss());
                }
            });
            assertThat(losses.get(0)).isCloseTo(Math.log(96), within(0.1));
            assertThat(losses.get(59)).isLessThan(3.5);
        }
    }

    /** Rows that count up by one, each from another number on. */
    private static List<Example> counting() {
        List<Example> rows = new ArrayList<>();
        for (int row = 0; row < 16; row++) {
            int[] ids = new int[20];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = 3 + (5 * row + i) % 90;
            }
            rows.add(whole(ids, row + 1));
        }
        return rows;
    }

    /** Every token but the first is a target. */
    private static Example whole(int[] ids, int line) {
        boolean[] target = new boolean[ids.length];
        Arrays.fill(target, 1, ids.length, true);
        return new Example(ids, target, line);
    }

    private static double deviation(Tensor tensor) {
        return tensor.norm() / Math.sqrt(tensor.count());
    }

    private static Architecture architecture(String model) {
        return Architecture.of(Json.readObject(Golden.path(model).resolve("model/config.json")));
    }

    private static JsonNode recorded(String model) {
        return Json.read(Golden.path(model).resolve("training.json"));
    }

    private static TrainingOptions options(String model, Memory memory, double clip) {
        JsonNode settings = recorded(model).get("settings");
        AdamW adamW = new AdamW(
                settings.at("/betas/0").asDouble(),
                settings.at("/betas/1").asDouble(),
                settings.get("eps").asDouble(),
                settings.get("weight_decay").asDouble());
        int steps = 1_000_000; // so many that the cosine leaves the rate as it is
        return new TrainingOptions(steps, settings.get("lr").asDouble(), 1, 0, adamW, clip, 0, 0, 0, 0, 0, memory);
    }

    /** Compares a weight or its gradient with the recorded one. */
    private interface Check {
        void of(String name, Tensor expected, Tensor actual);
    }

    /** One recorded training job. */
    private static final class Run implements AutoCloseable {
        private final Scope scope = Scope.open();
        private final String model;
        private final DecoderParameters trained;
        private final Decoder decoder;
        private final Workers workers;
        private final Trainer trainer;
        private final Units units;

        Run(String model, TrainingOptions options, DType computed, int threads) {
            this.model = model;
            Path folder = Golden.path(model);
            this.trained = DecoderParameters.of(Golden.tensors(folder.resolve("model/model.safetensors")), computed);
            this.decoder = architecture(model).decoder(trained.weights());
            this.workers = Workers.of(threads);
            this.trainer = new Trainer(decoder, trained, options, workers);
            Map<String, Tensor> rows = Golden.tensors(folder.resolve("rows.safetensors"));
            List<Example> examples = new ArrayList<>();
            rows.values().forEach(ids -> examples.add(whole(Golden.ids(ids), examples.size() + 1)));
            // Two units, so that the sum over units is tested too.
            this.units = new Units(examples, Batch.rows(2), 24, 1);
        }

        void compare(String file, Check check) {
            Map<String, Tensor> expected = Golden.tensors(Golden.path(model).resolve(file));
            assertThat(trained.weights().keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
            trained.weights().forEach((name, weight) -> check.of(name, expected.get(name), weight));
        }

        @Override
        public void close() {
            trainer.close();
            workers.close();
            decoder.close();
            trained.close();
            scope.close();
        }
    }
}
