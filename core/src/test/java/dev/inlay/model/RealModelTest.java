package dev.inlay.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsWriter;
import dev.inlay.model.files.Weights;
import dev.inlay.testing.Golden;
import dev.inlay.testing.SharedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real trained models against what others computed with them. */
@Tag("data")
class RealModelTest {
    @ParameterizedTest
    @CsvSource({"FLOAT64, 1e-4", "FLOAT32, 1e-4", "FLOAT16, 1e-1", "BFLOAT16, 8e-1"})
    void everyLogitOfTheRecordedStoryAgreesWhenComputedInAnyType(DType type, double tolerance) {
        assertThat(storyError(SharedData.require("stories260K/hf"), type)).isLessThan(tolerance);
    }

    /** What rounding the weights alone changes: transformers, on the same rounded weights, is off by 0.0166 and 0.134. */
    @ParameterizedTest
    @CsvSource({"FLOAT16, 0.017", "BFLOAT16, 0.14"})
    void aHalfPrecisionCopyOfTheWeightsAgreesWithinItsRounding(DType type, double tolerance, @TempDir Path copy)
            throws IOException {
        Path original = SharedData.require("stories260K/hf");
        Files.copy(original.resolve("config.json"), copy.resolve("config.json"));
        try (Scope scope = Scope.open();
                Weights weights = Weights.open(original)) {
            List<NewTensor> rounded = weights.names().stream()
                    .map(name -> NewTensor.of(name, weights.load(name, type)))
                    .toList();
            SafetensorsWriter.write(copy.resolve("model.safetensors"), rounded, Map.of());
        }
        assertThat(ModelDirectory.open(copy).storedType()).isEqualTo(type);
        assertThat(ModelDirectory.open(copy).notes()).anyMatch(note -> note.contains("declares float32"));
        assertThat(storyError(copy, DType.FLOAT32)).isBetween(1e-3, tolerance);
    }

    private static double storyError(Path model, DType type) {
        Path root = SharedData.require("stories260K");
        JsonNode recorded = Json.read(root.resolve("golden/greedy.json"));
        int[] ids = StreamSupport.stream(recorded.get("ids").spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
        try (Scope scope = Scope.open();
                Decoder decoder = ModelDirectory.open(model).load(type, Device.CPU)) {
            Tensor expected = Golden.tensors(root.resolve("golden/greedy_logits.safetensors"))
                    .get("logits");
            int positions = (int) expected.size(0);
            Pass pass = Pass.over(Rows.of(Arrays.copyOf(ids, positions)));
            Tensor logits = decoder.logits(decoder.hidden(pass), pass);
            return Golden.difference(expected, logits);
        }
    }

    /** Keeps a copy of every value that it sees, rows joined, in memory of its own. */
    private record Recorder(Map<String, Tensor> seen, Scope owner) implements Intervention {
        @Override
        public Set<Stream> streams() {
            return Set.of(Stream.values());
        }

        @Override
        public Tensor at(Activation where, Tensor value, Pass pass) {
            Tensor earlier = seen.get(where.stream() + " " + where.layer());
            Tensor all = earlier == null ? value.copy() : Tensor.concat(0, List.of(earlier, value));
            seen.put(where.stream() + " " + where.layer(), owner.own(all));
            return value;
        }
    }

    @Test
    void everyStageOfTheSortingModelAgreesWithTheRecordedActivations() {
        Path root = SharedData.require("gpt-nano-sort/hf");
        try (Scope scope = Scope.open();
                Scope owner = Scope.detached();
                Decoder decoder = Decoder.load(root, Device.CPU)) {
            Map<String, Tensor> recorded = Golden.tensors(root.resolve("partials.safetensors"));
            double[] ids = recorded.get("idx").toDoubles();
            List<int[]> rows = IntStream.range(0, 3)
                    .mapToObj(row -> IntStream.range(0, 11)
                            .map(i -> (int) ids[row * 11 + i])
                            .toArray())
                    .toList();
            Recorder recorder = new Recorder(new HashMap<>(), owner);
            Pass pass = Pass.over(Rows.of(rows), List.of(recorder));
            Tensor logits = decoder.logits(decoder.hidden(pass), pass);
            compareStages(recorded, recorder.seen());
            compare(recorded.get("lm_head"), logits);
            compare(recorded.get("probs"), logits.softmax());
        }
    }

    private static void compareStages(Map<String, Tensor> recorded, Map<String, Tensor> seen) {
        compare(recorded.get("tok_emb"), seen.get("TOKEN_EMBEDDING 0"));
        compare(recorded.get("x"), seen.get("RESIDUAL 0"));
        compare(recorded.get("ln1"), seen.get("ATTENTION_NORM 0"));
        compareHeads(recorded.get("q"), seen.get("QUERY 0"));
        compareHeads(recorded.get("k"), seen.get("KEY 0"));
        compareHeads(recorded.get("v"), seen.get("VALUE 0"));
        compare(recorded.get("attSm"), seen.get("ATTENTION_WEIGHTS 0"));
        compare(recorded.get("y"), seen.get("ATTENTION_MIX 0"));
        compare(recorded.get("yProj"), seen.get("ATTENTION_OUTPUT 0"));
        compare(recorded.get("attnResid"), seen.get("RESIDUAL_MIDDLE 0"));
        compare(recorded.get("ln2"), seen.get("FEED_FORWARD_NORM 0"));
        compare(recorded.get("fc"), seen.get("FEED_FORWARD_INPUT 0"));
        compare(recorded.get("gelu"), seen.get("FEED_FORWARD_ACTIVATION 0"));
        compare(recorded.get("mlp"), seen.get("FEED_FORWARD_OUTPUT 0"));
        compare(recorded.get("mlpResid"), seen.get("RESIDUAL_END 0"));
        for (int layer = 0; layer < 3; layer++) {
            compare(recorded.get("block" + layer), seen.get("RESIDUAL_END " + layer));
        }
        compare(recorded.get("ln_f"), seen.get("FINAL_NORM 3"));
        compareSeenScores(recorded.get("att"), seen.get("ATTENTION_SCORES 0"));
    }

    private static void compare(Tensor expected, Tensor actual) {
        assertThat(Golden.difference(expected.reshape(expected.count()), actual.reshape(actual.count())))
                .isLessThan(1e-5);
    }

    /** Recorded [row, head, token, width], ours [row * token, head, width]. */
    private static void compareHeads(Tensor expected, Tensor actual) {
        compare(expected.permute(0, 2, 1, 3), actual);
    }

    /** Where a key is not seen the recording may hold anything that softmax makes zero. */
    private static void compareSeenScores(Tensor expected, Tensor actual) {
        double[] wanted = expected.toDoubles();
        double[] found = actual.toDoubles();
        int compared = 0;
        for (int i = 0; i < wanted.length; i++) {
            if (Double.isFinite(found[i])) {
                assertThat(found[i]).isCloseTo(wanted[i], org.assertj.core.data.Offset.offset(1e-5));
                compared++;
            }
        }
        assertThat(compared).isEqualTo(3 * 3 * 11 * 12 / 2);
    }
}
