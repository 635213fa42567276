package dev.inlay.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.testing.Golden;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Logits against those that transformers computes. */
class DecoderParityTest {
    private static final double TOLERANCE = 2e-5;

    @ParameterizedTest
    @ValueSource(
            strings = {"llama-gqa-untied", "llama-tied-llama3-rope", "llama-linear-rope", "gpt2-tied", "gpt2-untied"})
    void logitsEqualTheRecordedOnesAloneBatchedAndCached(String model) {
        try (Scope scope = Scope.open();
                Decoder decoder = Decoder.load(Golden.path(model).resolve("model"), Device.CPU)) {
            Map<String, Tensor> cases = Golden.tensors(Golden.path(model).resolve("cases.safetensors"));
            int[] first = Golden.ids(cases.get("row0.input_ids"));
            int[] second = Golden.ids(cases.get("row1.input_ids"));
            Tensor expected = Tensor.concat(0, List.of(cases.get("row0.logits"), cases.get("row1.logits")));

            Pass alone = Pass.over(Rows.of(first));
            assertThat(Golden.difference(cases.get("row0.logits"), decoder.logits(decoder.hidden(alone), alone)))
                    .isLessThan(TOLERANCE);
            Pass both = Pass.over(Rows.of(first, second));
            assertThat(Golden.difference(expected, decoder.logits(decoder.hidden(both), both)))
                    .isLessThan(TOLERANCE);
            assertThat(Golden.difference(cases.get("row1.logits"), cached(decoder, second)))
                    .isLessThan(TOLERANCE);
        }
    }

    /** The row in pieces of five, one and the rest, with the keys and values of the pieces before. */
    private static Tensor cached(Decoder decoder, int[] row) {
        try (Scope scope = Scope.open();
                KvCache cache = decoder.newCache(1)) {
            Tensor[] parts = new Tensor[3];
            int[] ends = {5, 6, row.length};
            int start = 0;
            for (int i = 0; i < 3; i++) {
                Rows piece = Rows.of(java.util.Arrays.copyOfRange(row, start, ends[i]));
                Pass pass = Pass.continuing(cache, piece, List.of());
                parts[i] = decoder.logits(decoder.hidden(pass), pass);
                start = ends[i];
            }
            assertThat(cache.length(0)).isEqualTo(row.length);
            return scope.keep(Tensor.concat(0, List.of(parts)));
        }
    }

    @ParameterizedTest
    @CsvSource({"llama-gqa-untied-sharded/model, llama-gqa-untied", "gpt2-tied-original/model, gpt2-tied"})
    void otherSpellingsOfTheSameModelGiveTheSameLogits(String directory, String recorded) {
        assertThat(error(Golden.path(directory), DType.FLOAT32, recorded)).isLessThan(TOLERANCE);
    }

    @ParameterizedTest
    @CsvSource({
        "llama-gqa-untied-bfloat16, FLOAT32, 2e-5",
        "llama-gqa-untied-float16, FLOAT32, 2e-5",
        "llama-gqa-untied-bfloat16, BFLOAT16, 2e-1",
        "llama-gqa-untied-float16, FLOAT16, 2e-2",
        "llama-gqa-untied, FLOAT64, 2e-5"
    })
    void everyElementTypeAgreesWithinItsRounding(String model, DType type, double tolerance) {
        assertThat(error(Golden.path(model).resolve("model"), type, model)).isLessThan(tolerance);
    }

    /** The recorded logits are those of the weights rounded once, so what is left is the rounding of what is computed. */
    @ParameterizedTest
    @CsvSource({"gpt2-tied-bfloat16, BFLOAT16, 2e-1", "gpt2-tied-float16, FLOAT16, 2e-2"})
    void weightsRoundedInLoadingAgreeWithinTheRoundingOfTheirType(String recorded, DType type, double tolerance) {
        assertThat(error(Golden.path("gpt2-tied/model"), type, recorded)).isLessThan(tolerance);
    }

    private static double error(Path directory, DType type, String recorded) {
        try (Scope scope = Scope.open();
                Decoder decoder = ModelDirectory.open(directory).load(type, Device.CPU)) {
            Map<String, Tensor> cases = Golden.tensors(Golden.path(recorded).resolve("cases.safetensors"));
            Pass pass = Pass.over(Rows.of(Golden.ids(cases.get("row0.input_ids"))));
            return Golden.difference(cases.get("row0.logits"), decoder.logits(decoder.hidden(pass), pass));
        }
    }
}
