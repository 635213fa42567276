package dev.inlay.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.testing.Golden;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** C3 to C14 for a family with names of its own: learned positions, layer norms, weights stored [in, out]. */
class HostileGpt2ConfigTest extends HostileConfig {
    private static final String UP = "transformer.h.1.mlp.c_fc.weight";

    @Override
    Path goodConfig() {
        return goodModel().resolve("config.json");
    }

    @Override
    Path goodModel() {
        return Golden.path("gpt2-tied").resolve("model");
    }

    @Test
    void C3_headsThatDoNotDivide() throws IOException {
        set("n_head", "5");
        assertRefused("config.json", "width 32", "5 heads");
        set("n_head", "64");
        assertRefused("config.json", "width 32", "64 heads");
    }

    @ParameterizedTest
    @CsvSource({
        "n_embd, 0",
        "n_embd, -32",
        "n_embd, 32.5",
        "n_embd, 2147483648",
        "n_head, 0",
        "n_head, -1",
        "n_head, true",
        "n_layer, 0",
        "n_layer, -1",
        "n_layer, 1000000000",
        "n_inner, 0",
        "n_inner, 1e300",
        "n_positions, 0",
        "n_positions, -1",
        "n_positions, 16777217",
        "n_positions, null",
        "vocab_size, 2000001"
    })
    void C4_numbersOutOfRangeAreRefusedBeforeAnythingIsAllocated(String key, String value) throws IOException {
        set(key, value);
        assertRefused("config.json", key);
    }

    @Test
    void C5_moreVocabularyThanRows() throws IOException {
        set("vocab_size", "97");
        assertRefused("wte.weight", "96", "97");
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 65})
    void C5_anotherNumberOfPositionsThanRows(int positions) throws IOException {
        set("n_positions", String.valueOf(positions));
        assertRefused("wpe.weight", "[64, 32]", "[" + positions + ", 32]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1e-5", "0.0", "\"1e-5\"", "1e999"})
    void C7_epsilonMustBePositiveAndFinite(String epsilon) throws IOException {
        set("layer_norm_epsilon", epsilon);
        assertRefused("config.json", "layer_norm_epsilon");
    }

    @Test
    void C8_unknownActivation() throws IOException {
        set("activation_function", "\"swoosh\"");
        assertRefused("activation_function", "swoosh", "gelu_new");
    }

    @Test
    void C9_untiedWithoutAHead() throws IOException {
        set("tie_word_embeddings", "false");
        assertRefused("lm_head.weight", "tie_word_embeddings");
    }

    @Test
    void C9_tiedWithAnotherHeadIsRefusedAndWithTheSameOneAccepted() {
        tieWithAnotherAndTheSameHead("transformer.wte.weight");
    }

    @Test
    void C10_shapesThatDisagree() throws IOException {
        set("n_inner", "80");
        assertRefused("mlp.c_fc.weight", "[32, 128]", "[32, 80]");
        set("n_embd", "64");
        assertRefused("wte.weight", "[96, 32]", "[96, 64]");
        set("n_layer", "4");
        assertRefused("transformer.h.3", "missing");
        set("n_layer", "2");
        assertRefused("transformer.h.2", "no place");
    }

    /** As a checkpoint that was converted to ordinary linear maps has them. */
    @Test
    void C10_weightsStoredTheOtherWayRound() {
        rewrite(UP, UP, weight -> weight.transposed().contiguous());
        assertRefused(UP, "[128, 32]", "[32, 128]");
    }

    @Test
    void C10_aBiasOfAnotherWidth() {
        String bias = "transformer.h.0.attn.c_attn.bias";
        rewrite(bias, bias, values -> values.narrow(0, 0, 95));
        assertRefused(bias, "[95]", "[96]");
    }

    @ParameterizedTest
    @CsvSource({"scale_attn_weights, false", "scale_attn_by_inverse_layer_idx, true", "add_cross_attention, true"})
    void C11_switchesThatChangeTheMathematicsAreRefusedByName(String key, String value) throws IOException {
        set(key, value);
        assertRefused("config.json", key);
    }

    @Test
    void C11_aKeyOfAnotherFamilyIsRefusedByName() throws IOException {
        add("rope_theta", "10000.0");
        assertRefused("rope_theta");
        add("num_key_value_heads", "2");
        assertRefused("num_key_value_heads");
    }

    @Test
    void C13_aDeclaredTypeThatDisagreesIsNoted() throws IOException {
        set("dtype", "\"bfloat16\"");
        assertThat(ModelDirectory.open(directory).notes())
                .anyMatch(note -> note.contains("bfloat16") && note.contains("float32"));
    }

    @Test
    void C14_duplicateKeysAndNaN() throws IOException {
        add("n_embd", "32");
        assertRefused("n_embd");
        set("layer_norm_epsilon", "NaN");
        assertRefused("config.json");
    }
}
