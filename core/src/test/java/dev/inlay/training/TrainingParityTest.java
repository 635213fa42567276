package dev.inlay.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.Decomposed;
import dev.inlay.adapter.Dora;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.Role;
import dev.inlay.adapter.Slot;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Pass;
import dev.inlay.model.Rows;
import dev.inlay.model.Site;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.testing.Golden;
import dev.inlay.testing.GoldenAdapter;
import dev.inlay.training.TrainingOptions.Memory;
import dev.inlay.training.data.Batch;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Units;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** LoRA logits, gradients and optimiser steps against those that peft and torch compute. */
class TrainingParityTest {
    private static final double SCALE = 2;
    private static final Map<Role, String> PEFT =
            Map.of(Role.UP, "lora_B", Role.DOWN, "lora_A", Role.MAGNITUDE, "lora_magnitude_vector");

    static List<String> models() {
        return List.of("llama-gqa-untied", "llama-tied-llama3-rope", "llama-linear-rope", "gpt2-tied", "gpt2-untied");
    }

    @ParameterizedTest
    @MethodSource("models")
    void loraLogitsEqualTheRecordedOnes(String model) {
        try (Scope scope = Scope.open();
                Decoder decoder = decoder(model)) {
            Map<String, Tensor> cases = Golden.tensors(Golden.path(model).resolve("cases.safetensors"));
            Adapter adapter = adapter(model, "adapters/lora/adapter_model.safetensors", decoder);
            Pass pass = Pass.over(
                    Rows.of(Golden.ids(cases.get("row0.input_ids")), Golden.ids(cases.get("row1.input_ids"))),
                    List.of(adapter));
            Tensor expected = Tensor.concat(0, List.of(cases.get("row0.lora.logits"), cases.get("row1.lora.logits")));
            assertThat(Golden.difference(expected, decoder.logits(decoder.hidden(pass), pass)))
                    .isLessThan(2e-5);
        }
    }

    static List<Arguments> jobs() {
        List<Arguments> jobs = new ArrayList<>();
        models().forEach(model -> jobs.add(Arguments.of(model, Job.LORA)));
        List.of("llama-gqa-untied", "gpt2-tied").forEach(model -> jobs.add(Arguments.of(model, Job.DORA)));
        return jobs;
    }

    @ParameterizedTest
    @MethodSource("jobs")
    void gradientsOfEveryTensorAndOneStepEqualTheRecordedOnes(String model, Job job) {
        JsonNode recorded = Json.read(job.training(model).resolve("training.json"));
        for (Memory memory : Memory.values()) {
            for (int threads : new int[] {1, 2}) {
                try (Run run = new Run(model, job, options(recorded, 1, memory), threads)) {
                    Tensor before = run.parameters.values().copy();
                    StepReport report = run.trainer.step(run.units.step(0));
                    assertThat(report.loss())
                            .isCloseTo(recorded.at("/one_step/loss").asDouble(), within(1e-5));
                    assertThat(report.gradientNorm())
                            .isCloseTo(recorded.at("/one_step/gradient_norm").asDouble(), within(1e-3));
                    run.assertAdapter("after_one_step.safetensors", 1e-6);
                    // After one step the first moment is (1 - beta1) times the gradient.
                    Tensor gradient = run.trainer.optimiser().mean().times(10);
                    run.parameters.values().copyFrom(gradient);
                    run.assertRelative("gradients.safetensors", 1e-4);
                    assertThat(before.maxAbs()).isPositive();
                }
            }
        }
    }

    static List<String> families() {
        return Golden.FAMILIES;
    }

    @ParameterizedTest
    @MethodSource("families")
    void gradientsOfEveryFactorOfEveryFamilyEqualTheRecordedOnes(String model) {
        JsonNode recorded = Json.read(Golden.path(model).resolve("training/training.json"));
        for (Memory memory : Memory.values()) {
            TrainingOptions options =
                    new TrainingOptions(1, 1e-3, 1, 1, AdamW.DEFAULT, Double.POSITIVE_INFINITY, 0, 0, 0, 0, 0, memory);
            try (Run run = new Run(model, Job.LORA, options, 1)) {
                StepReport report = run.trainer.step(run.units.step(0));
                assertThat(report.loss())
                        .isCloseTo(recorded.at("/one_step/loss").asDouble(), within(1e-5));
                assertThat(report.gradientNorm())
                        .isCloseTo(recorded.at("/one_step/gradient_norm").asDouble(), within(1e-3));
                run.parameters.values().copyFrom(run.trainer.optimiser().mean().times(10));
                run.assertRelative("gradients.safetensors", 1e-4);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("jobs")
    void threeClippedAndScheduledStepsEqualTheRecordedOnes(String model, Job job) {
        JsonNode recorded = Json.read(job.training(model).resolve("training.json"));
        try (Run run = new Run(model, job, options(recorded, 5, Memory.KEEP), 2)) {
            for (int i = 0; i < 3; i++) {
                StepReport report = run.trainer.step(run.units.step(i));
                JsonNode step = recorded.at("/three_steps/steps").get(i);
                assertThat(report.learningRate()).isCloseTo(step.get("lr").asDouble(), within(1e-12));
                assertThat(report.loss()).isCloseTo(step.get("loss").asDouble(), within(1e-4));
                assertThat(report.gradientNorm())
                        .isCloseTo(step.get("gradient_norm").asDouble(), within(2e-3));
            }
            run.assertAdapter("after_three_steps.safetensors", 1e-5);
        }
    }

    private static TrainingOptions options(JsonNode recorded, int steps, Memory memory) {
        boolean one = steps == 1;
        double clip = one
                ? Double.POSITIVE_INFINITY
                : recorded.at("/three_steps/clip_norm").asDouble();
        int warmUp = one ? 1 : recorded.at("/three_steps/warm_up_steps").asInt();
        AdamW adamW =
                new AdamW(0.9, 0.999, 1e-8, recorded.at("/adamw/weight_decay").asDouble());
        double rate = recorded.at("/adamw/lr").asDouble();
        return new TrainingOptions(steps, rate, 1, warmUp, adamW, clip, 0, 0, 0, 0, 0, memory);
    }

    private static Decoder decoder(String model) {
        return ModelDirectory.open(Golden.path(model).resolve("model")).load(DType.FLOAT32, Device.CPU);
    }

    private static Adapter adapter(String model, String file, Decoder decoder) {
        return GoldenAdapter.of(Golden.tensors(Golden.path(model).resolve(file)), decoder.sites(), SCALE);
    }

    /** Which adapter was trained. */
    enum Job {
        LORA("adapters/lora", "training", SCALE),
        DORA("variants/dora", "variants/dora/training", 1.5);

        private final String adapter;
        private final String training;
        private final double scale;

        Job(String adapter, String training, double scale) {
            this.adapter = adapter;
            this.training = training;
            this.scale = scale;
        }

        Path training(String model) {
            return Golden.path(model).resolve(training);
        }

        Parts parts(String model, Decoder decoder) {
            Map<String, Tensor> recorded =
                    Golden.tensors(Golden.path(model).resolve(adapter).resolve("adapter_model.safetensors"));
            Adapter plain = GoldenAdapter.of(recorded, decoder.sites(), scale);
            if (this == LORA) {
                return Parts.of(plain);
            }
            SortedMap<Site, Decomposed> changes = new TreeMap<>();
            for (LinearSite place : decoder.sites()) {
                LowRank factors = plain.factors().get(place.site());
                if (factors != null) {
                    Tensor magnitude = recorded.get("base_model.model." + place.path() + ".lora_magnitude_vector");
                    changes.put(place.site(), new Decomposed(factors, magnitude));
                }
            }
            return Parts.of(new Dora(changes));
        }
    }

    /** One recorded training job. */
    private static final class Run implements AutoCloseable {
        private final Scope scope = Scope.open();
        private final String model;
        private final Job job;
        private final Decoder decoder;
        private final Parameters parameters;
        private final Workers workers;
        private final Trainer trainer;
        private final Units units;

        Run(String model, Job job, TrainingOptions options, int threads) {
            this.model = model;
            this.job = job;
            this.decoder = decoder(model);
            this.parameters = Parameters.of(job.parts(model, decoder));
            this.workers = Workers.of(threads);
            this.trainer = new Trainer(decoder, parameters, options, workers);
            // Two units, so that the sum over units is tested too.
            this.units = new Units(examples(), Batch.rows(2), 24, 1);
        }

        private List<Example> examples() {
            Map<String, Tensor> cases = Golden.tensors(Golden.path(model).resolve("cases.safetensors"));
            List<Example> examples = new ArrayList<>();
            try (SafetensorsFile masks =
                    SafetensorsFile.open(job.training(model).resolve("loss_masks.safetensors"))) {
                for (int row = 0; row < 2; row++) {
                    int[] ids = Golden.ids(cases.get("row" + row + ".input_ids"));
                    ByteBuffer bytes = ByteBuffer.allocate(ids.length);
                    masks.read(masks.tensor("row" + row + ".loss_mask"), 0, bytes);
                    boolean[] target = new boolean[ids.length];
                    for (int i = 0; i < ids.length; i++) {
                        target[i] = bytes.get(i) != 0;
                    }
                    examples.add(new Example(ids, target, row + 1));
                }
            }
            return examples;
        }

        void assertAdapter(String file, double tolerance) {
            compare(
                    file,
                    (expected, actual) ->
                            assertThat(Golden.difference(expected, actual)).isLessThan(tolerance));
        }

        void assertRelative(String file, double tolerance) {
            compare(
                    file,
                    (expected, actual) ->
                            assertThat(Golden.difference(expected, actual)).isLessThan(tolerance * expected.maxAbs()));
        }

        private void compare(String file, java.util.function.BiConsumer<Tensor, Tensor> check) {
            Map<String, Tensor> expected = Golden.tensors(job.training(model).resolve(file));
            Map<Site, LinearSite> places = new HashMap<>();
            decoder.sites().forEach(place -> places.put(place.site(), place));
            Map<Slot, Tensor> trained = parameters.parts().tensors();
            trained.forEach((slot, tensor) -> check.accept(
                    expected.get(GoldenAdapter.name(places.get(slot.site()), PEFT.get(slot.role()))), tensor));
            assertThat(trained).hasSameSizeAs(expected);
            assertThat(parameters.values().dtype()).isEqualTo(DType.FLOAT32);
        }

        @Override
        public void close() {
            trainer.close();
            workers.close();
            parameters.close();
            decoder.close();
            scope.close();
        }
    }
}
