package dev.inlay.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.testing.Golden;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The hostile configurations C1 to C14: a named error of kind DATA that says the true cause, or acceptance. */
class HostileConfigTest extends HostileConfig {
    @Override
    Path goodConfig() {
        return Golden.path("llama-tied-llama3-rope").resolve("older/config.json");
    }

    @Override
    Path goodModel() {
        return Golden.path("llama-tied-llama3-rope").resolve("model");
    }

    @Test
    void C1_missing() throws IOException {
        Files.delete(directory.resolve("config.json"));
        assertRefused("config.json", "does not exist");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\uFEFF{}", "// a comment\n{}", "{} trailing", "[]", "null"})
    void C1_emptyMarkedCommentedOrNoObject(String text) throws IOException {
        Files.write(directory.resolve("config.json"), text.getBytes(StandardCharsets.UTF_8));
        assertRefused("config.json");
    }

    @Test
    void C2_modelTypeUnknownOrMissing() throws IOException {
        set("model_type", "\"mamba\"");
        assertRefused("mamba", "gpt2, gpt_neox, granite, llama, mistral");
        write(config.replaceFirst("\\s*\"model_type\": \"llama\",", ""));
        assertRefused("model_type");
    }

    @Test
    void C3_headsThatDoNotDivide() throws IOException {
        set("num_key_value_heads", "3");
        assertRefused("config.json", "4 query heads", "3 key-value heads");
        write(config.replaceFirst("\\s*\"head_dim\": \\d+,", "")
                .replaceFirst("\"num_attention_heads\": 4", "\"num_attention_heads\": 5"));
        assertRefused("width 64", "5 heads");
    }

    @ParameterizedTest
    @CsvSource({
        "hidden_size, 0",
        "hidden_size, -64",
        "hidden_size, 64.5",
        "hidden_size, 2147483648",
        "num_hidden_layers, 1000000000",
        "num_hidden_layers, 0",
        "vocab_size, 2000001",
        "intermediate_size, 1e300",
        "num_attention_heads, true",
        "max_position_embeddings, -1"
    })
    void C4_numbersOutOfRangeAreRefusedBeforeAnythingIsAllocated(String key, String value) throws IOException {
        set(key, value);
        assertRefused("config.json", key);
    }

    @Test
    void C5_moreVocabularyThanRows() throws IOException {
        set("vocab_size", "97");
        assertRefused("embed_tokens", "96", "97");
    }

    @Test
    void C5_paddedRowsAreAcceptedAndIdsAreCheckedAgainstTheVocabulary() throws IOException {
        set("vocab_size", "90");
        try (Scope scope = Scope.open();
                Decoder decoder = Decoder.load(directory, Device.CPU)) {
            Pass good = Pass.over(Rows.of(new int[] {1, 89}));
            assertThat(decoder.logits(decoder.hidden(good), good).size(1)).isEqualTo(90);
            assertThatThrownBy(() -> decoder.hidden(Pass.over(Rows.of(new int[] {1, 90}))))
                    .isInstanceOf(InlayException.class)
                    .hasMessageContaining("90");
            assertThatThrownBy(() -> decoder.hidden(Pass.over(Rows.of(new int[] {-1}))))
                    .isInstanceOf(InlayException.class)
                    .hasMessageContaining("-1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "NaN", "\"10000\"", "1e999"})
    void C6_rotaryBase(String theta) throws IOException {
        set("rope_theta", theta);
        assertRefused("config.json");
    }

    @Test
    void C6_unknownRotaryKindsAndFactors() throws IOException {
        write(config.replace("\"llama3\"", "\"spiral\""));
        assertRefused("spiral", "default, linear, dynamic, llama3, yarn, longrope");
        write(config.replaceFirst("\"factor\": 8.0", "\"factor\": -8.0"));
        assertRefused("factor");
        write(config.replaceFirst("\\s*\"low_freq_factor\": 1.0,", ""));
        assertRefused("low_freq_factor");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1e-5", "0.0"})
    void C7_epsilonMustBePositive(String epsilon) throws IOException {
        set("rms_norm_eps", epsilon);
        assertRefused("config.json", "rms_norm_eps");
    }

    @Test
    void C8_unknownActivation() throws IOException {
        set("hidden_act", "\"swoosh\"");
        assertRefused("swoosh", "silu");
    }

    @Test
    void C9_untiedWithoutAHead() throws IOException {
        set("tie_word_embeddings", "false");
        assertRefused("lm_head.weight", "tie_word_embeddings");
    }

    @Test
    void C9_tiedWithAnotherHeadIsRefusedAndWithTheSameOneAccepted() {
        tieWithAnotherAndTheSameHead("model.embed_tokens.weight");
    }

    @Test
    void C10_shapesThatDisagree() throws IOException {
        set("intermediate_size", "80");
        assertRefused("mlp", "80", "72");
        set("num_hidden_layers", "4");
        assertRefused("model.layers.3", "missing");
        set("num_hidden_layers", "2");
        assertRefused("model.layers.2", "no place");
    }

    @Test
    void C11_codeIsIgnoredAndSaidSoQuantisationIsRefused() throws IOException {
        add("auto_map", "{\"AutoModel\": \"evil.Model\"}");
        assertThat(ModelDirectory.open(directory).notes()).anyMatch(note -> note.contains("auto_map"));
        add("quantization_config", "{\"bits\": 4}");
        assertRefused("quantization_config");
    }

    @Test
    void C11_anUnknownKeyThatMayChangeTheMathematicsIsRefusedByName() throws IOException {
        add("logit_softcapping", "30.0");
        assertRefused("logit_softcapping");
        add("logit_softcapping", "null");
        ModelDirectory.open(directory);
    }

    @Test
    void C12_anExplicitHeadWidthIsAccepted() {
        ModelDirectory model =
                ModelDirectory.open(Golden.path("llama-linear-rope").resolve("model"));
        assertThat(model.config().attention().headDim()).isEqualTo(12);
        assertThat(model.config().width() / model.config().attention().heads()).isEqualTo(8);
    }

    @Test
    void C12_anOddHeadWidthCannotBeRotatedAndTheFileIsNamed() throws IOException {
        set("head_dim", "15");
        assertRefused("config.json", "heads of width 15 cannot turn");
    }

    @Test
    void C13_aDeclaredTypeThatDisagreesIsNoted() throws IOException {
        set("torch_dtype", "\"bfloat16\"");
        ModelDirectory model = ModelDirectory.open(directory);
        assertThat(model.storedType()).isEqualTo(DType.FLOAT32);
        assertThat(model.notes()).anyMatch(note -> note.contains("bfloat16") && note.contains("float32"));
    }

    @Test
    void C14_duplicateKeysAndNaN() throws IOException {
        add("hidden_size", "64");
        assertRefused("hidden_size");
        set("rms_norm_eps", "NaN");
        assertRefused("config.json");
    }
}
