package dev.inlay.adapter.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeftConfigTest {
    @Test
    void smallestConfigurationTakesPeftsDefaults() {
        PeftConfig config = parse("\"target_modules\": [\"v_proj\", \"q_proj\"]");
        assertThat(config.ranks()).isEqualTo(Ranks.uniform(8, 8, false));
        assertThat(config.selection()).isEqualTo(Selection.of(new Selector.Names(List.of("q_proj", "v_proj"))));
        assertThat(config.dropout()).isZero();
        assertThat(config.start()).isEqualTo(Start.DEFAULT);
        assertThat(config.fanInFanOut()).isFalse();
        assertThat(config.base()).isEqualTo(new PeftConfig.Base(null, null, null));
    }

    @Test
    void A2_typeMissing() {
        assertRefused("{\"r\": 8}", "has no peft_type");
    }

    @Test
    void A2_otherTypeIsNamed() {
        assertRefused("{\"peft_type\": \"ADALORA\"}", "peft_type is \"ADALORA\"");
        assertRefused("{\"peft_type\": 7}", "peft_type must be a string");
    }

    @Test
    void configurationOfMlxIsRecognised() {
        assertRefused("{\"lora_parameters\": {\"rank\": 8, \"scale\": 20.0}}", "mlx-lm");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-4"})
    void A3_rankBelowOne(String rank) {
        assertRefusedKey("\"r\": " + rank, "r must be at least 1, was " + rank);
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.5", "8.0", "\"8\"", "true", "1e400", "2147483648", "[8]"})
    void A3_rankThatIsNoWholeNumber(String rank) {
        assertRefusedKey("\"r\": " + rank, "adapter_config.json: r must be a whole number, found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1e400"})
    void A4_alphaOutOfRange(String alpha) {
        assertRefusedKey("\"lora_alpha\": " + alpha, "lora_alpha must be a finite number above 0");
    }

    @Test
    void A4_alphaThatIsNoNumber() {
        assertRefusedKey("\"lora_alpha\": NaN", "not valid JSON at line 1", "NaN");
        assertRefusedKey("\"lora_alpha\": null, \"r\": \"x\"", "r must be a whole number");
        assertRefusedKey("\"lora_alpha\": \"8\"", "lora_alpha must be a number, found string");
    }

    @Test
    void A4_alphaMissingMeansEight() {
        assertThat(parse("\"r\": 4").ranks().alpha()).isEqualTo(8);
    }

    @Test
    void A5_everyFormOfTargetsIsRead() {
        assertThat(parse("\"target_modules\": null").selection().targets()).isEqualTo(new Selector.FamilyDefault());
        assertThat(parse("\"target_modules\": \"All-Linear\"").selection().targets())
                .isEqualTo(new Selector.AllLinear());
        assertThat(parse("\"target_modules\": \".*q\"").selection().targets())
                .isEqualTo(new Selector.Expression(NamePattern.whole("", ".*q")));
        assertRefusedKey("\"target_modules\": []", "empty list: nothing would be adapted");
        assertRefusedKey("\"target_modules\": [1]", "target_modules must be a list of strings, found number 1");
        assertRefusedKey("\"target_modules\": {\"a\": 1}", "target_modules must be a list of names");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rank_pattern | {\"q\": 0} | rank_pattern of \"q\" must be at least 1, was 0",
                "rank_pattern | {\"q\": 1.5} | rank_pattern must be a whole number",
                "rank_pattern | [1] | rank_pattern must be an object",
                "rank_pattern | {\"(\": 1} | rank_pattern: the regular expression \"(\" misses a closing",
                "alpha_pattern | {\"q\": 0} | alpha_pattern of \"q\" must be a finite number above 0",
                "alpha_pattern | {\"q\": \"1\"} | alpha_pattern must be a number",
                "alpha_pattern | {\"a**\": 1} | alpha_pattern: the regular expression \"a**\" has nothing to repeat"
            })
    void A8_patternsOutOfRange(String key, String value, String message) {
        assertRefusedKey("\"" + key + "\": " + value, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "use_dora | 1 | must be true or false",
                "use_dora | true, \"lora_bias\": true | PEFT has no such adapter",
                "use_dora | true, \"init_lora_weights\": \"mica\" | PEFT has no such adapter",
                "lora_bias | true, \"init_lora_weights\": \"gaussian\" | true and false only",
                "modules_to_save | \"lm_head\" | must be a list of names",
                "modules_to_save | [1] | must be a list of strings",
                "bias | \"some\" | must be none, all or lora_only",
                "alora_invocation_tokens | [77, -1] | from 0",
                "alora_invocation_tokens | 77 | must be a list of token ids",
                "alora_invocation_tokens | [77], \"use_dora\": true | a gate is for low-rank changes",
                "alora_invocation_tokens | [77], \"modules_to_save\": [\"lm_head\"] | a gate is for low-rank changes",
                "inlay_gate | {\"rule\": \"stated\"} | is for peft_type",
                "trainable_token_indices | [1, -1] | from 0 on, each once",
                "trainable_token_indices | [1, 1] | from 0 on, each once",
                "trainable_token_indices | {\"wte\": []} | from 0 on, each once",
                "trainable_token_indices | {\"wte\": 5} | must be a list of token ids",
                "trainable_token_indices | [1.5] | must be a whole number",
                "trainable_token_indices | 7 | must be an object",
                "target_parameters | [\"q.weight\"], \"use_dora\": true | PEFT has no such adapter",
                "target_parameters | [\"q.weight\"], \"lora_dropout\": 0.1 | PEFT has no such adapter",
                "layer_replication | [[0, 4]] | repeated layers",
                "use_qalora | true | QALoRA",
                "kasa_config | {\"beta\": 1} | KaSA",
                "use_bdlora | {\"nblocks\": 2} | block-diagonal",
                "arrow_config | {\"top_k\": 3} | Arrow",
                "velora_config | {\"a\": 3} | VeLoRA",
                "monteclora_config | {\"a\": 3} | MonteCLoRA",
                "megatron_config | {\"a\": 3} | Megatron",
                "loftq_config | {\"loftq_bits\": 4} | LoftQ",
                "corda_config | {\"a\": 4} | CorDA",
                "lora_ga_config | {\"a\": 4} | LoRA-GA",
                "ensure_weight_tying | \"yes\" | must be true or false",
                "enable_lora | [true, false, true] | before 0.3",
                "eva_config | {\"rho\": 2.0} | started from data",
                "auto_mapping | {\"base_model_class\": \"X\"} | class of its own",
                "task_type | \"SEQ_CLS\" | CAUSAL_LM",
                "init_lora_weights | \"pissa_niter_16\" | changes the base weights",
                "init_lora_weights | \"olora\" | changes the base weights",
                "init_lora_weights | \"magic\" | must be true, false, gaussian",
                "use_rslora | 1 | must be true or false",
                "lora_dropout | 1.0 | below 1, was 1.0",
                "lora_dropout | -0.1 | at least 0",
                "fan_in_fan_out | \"no\" | must be true or false"
            })
    void A9_whatIsNotSupportedIsRefusedByItsKey(String key, String value, String reason) {
        assertRefusedKey("\"" + key + "\": " + value, key, reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"use_dora\": false",
                "\"modules_to_save\": []",
                "\"loftq_config\": {}",
                "\"kasa_config\": null",
                "\"init_lora_weights\": \"gaussian\"",
                "\"init_lora_weights\": \"mica\"",
                "\"init_lora_weights\": \"eva\"",
                "\"megatron_core\": \"megatron.core\"",
                "\"peft_version\": \"0.21.0\"",
                "\"layers_pattern\": \"\"",
                "\"exclude_modules\": []",
                "\"enable_lora\": null",
                "\"bias\": \"none\"",
                "\"something_new\": false",
                "\"something_new\": {}",
                "\"something_new\": \"\"",
                "\"rank_pattern\": null"
            })
    void neutralValuesAreAccepted(String entry) {
        assertThat(parse(entry).ranks().rank()).isEqualTo(8);
    }

    @Test
    void unknownKeyWithAValueIsRefusedUnlessAllowed() {
        String json = "{\"peft_type\": \"LORA\", \"alpha\": 16}";
        assertRefused(json, "unknown key alpha (number 16)");
        List<String> notes = new ArrayList<>();
        PeftConfig.parse(json, "x.json", Set.of(Allowance.UNKNOWN_KEYS), notes::add);
        assertThat(notes).containsExactly("x.json: unknown keys left aside: alpha");
    }

    @Test
    void dataDrivenStartAndOwnClassCanBeAllowed() {
        String json = "{\"peft_type\": \"LORA\", \"eva_config\": {\"rho\": 2.0}, \"init_lora_weights\": \"eva\", "
                + "\"auto_mapping\": {\"base_model_class\": \"X\"}}";
        PeftConfig config =
                PeftConfig.parse(json, "x", Set.of(Allowance.DATA_DRIVEN_START, Allowance.AUTO_MAPPING), note -> {});
        assertThat(config.start()).isEqualTo(Start.EVA);
    }

    @Test
    void runtimeSettingsAreDroppedWithANote() {
        List<String> notes = new ArrayList<>();
        PeftConfig.parse(
                "{\"peft_type\": \"LORA\", \"runtime_config\": {\"ephemeral_gpu_offload\": true}}",
                "x.json",
                Set.of(),
                notes::add);
        assertThat(notes).singleElement().asString().contains("runtime_config is left aside");
    }

    @Test
    void layerFilterNeedsAListOfTargets() {
        assertRefusedKey(
                "\"target_modules\": \".*q_proj\", \"layers_to_transform\": 1",
                "layers_to_transform needs a list in target_modules");
        assertRefusedKey("\"target_modules\": [\"q\"], \"layers_pattern\": \"h\"", "layers_to_transform is not");
        assertRefusedKey("\"target_modules\": [\"q\"], \"layers_to_transform\": [-1]", "numbers of layers from 0 on");
    }

    @Test
    void A13_nameOfTheBaseIsOnlyText() {
        assertThat(parse("\"base_model_name_or_path\": \"../../../etc/passwd\"")
                        .base()
                        .name())
                .isEqualTo("../../../etc/passwd");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "null",
                "{",
                "{\"peft_type\": \"LORA\"} x",
                "{\"r\": 1, \"r\": 2}",
                "{'r': 1}",
                "\uFEFF{}"
            })
    void textThatIsNoJsonObjectIsRefused(String text) {
        assertRefused(text, "adapter_config.json");
    }

    @Test
    void duplicateKeyIsNamed() {
        assertRefused("{\"peft_type\": \"LORA\", \"r\": 1, \"r\": 2}", "Duplicate field 'r'");
    }

    @Test
    void deepNestingIsRefused() {
        assertRefused("{\"a\": " + "[".repeat(100_000) + "]".repeat(100_000) + "}", "nesting");
    }

    @Test
    void writtenKeysAreExactlyThoseOfTheFormat() {
        PeftConfig config = new PeftConfig(
                PeftConfig.Base.languageModel("stories"),
                Selection.of(new Selector.Names(List.of("v_proj", "q_proj"))),
                Ranks.uniform(4, 12, true),
                0.05,
                false,
                Start.DEFAULT);
        assertThat(config.toJson()).isEqualTo("""
                        {
                          "alpha_pattern": {},
                          "base_model_name_or_path": "stories",
                          "bias": "none",
                          "fan_in_fan_out": false,
                          "inference_mode": true,
                          "init_lora_weights": true,
                          "layers_pattern": null,
                          "layers_to_transform": null,
                          "lora_alpha": 12,
                          "lora_dropout": 0.05,
                          "modules_to_save": null,
                          "peft_type": "LORA",
                          "r": 4,
                          "rank_pattern": {},
                          "revision": null,
                          "target_modules": [
                            "q_proj",
                            "v_proj"
                          ],
                          "task_type": "CAUSAL_LM",
                          "use_rslora": true
                        }
                        """);
    }

    @Test
    void everythingThatIsReadIsWrittenAgain() {
        PeftConfig config = parse("""
                "r": 3, "lora_alpha": 2.5, "use_rslora": true, "lora_dropout": 0.1, "fan_in_fan_out": true,
                "init_lora_weights": "orthogonal", "task_type": "CAUSAL_LM", "revision": "main",
                "base_model_name_or_path": "gpt2", "target_modules": ["c_proj", "c_attn"],
                "exclude_modules": ".*mlp.*", "layers_to_transform": [1, 0], "layers_pattern": "h",
                "rank_pattern": {"z": 1, "a": 2}, "alpha_pattern": {"y": 1.5, "b": 2}, "use_dora": true,
                "bias": "lora_only", "modules_to_save": ["lm_head", "wte"], "ensure_weight_tying": true,
                "trainable_token_indices": {"wte": [7, 2], "lm_head": [1]}
                """);
        PeftConfig again = PeftConfig.parse(config.toJson(), "again", Set.of(), note -> {});
        assertThat(again).isEqualTo(config);
        assertThat(again.toJson()).isEqualTo(config.toJson());
        assertThat(again.ranks().rankExceptions())
                .extracting(e -> e.pattern().text())
                .containsExactly("z", "a");
    }

    private static PeftConfig parse(String entries) {
        return PeftConfig.parse("{\"peft_type\": \"LORA\", " + entries + "}", "adapter_config.json", Set.of(), n -> {});
    }

    private static void assertRefusedKey(String entries, String... parts) {
        assertRefused("{\"peft_type\": \"LORA\", " + entries + "}", parts);
    }

    private static void assertRefused(String json, String... parts) {
        assertThatThrownBy(() -> PeftConfig.parse(json, "adapter_config.json", Set.of(), note -> {}))
                .isInstanceOfSatisfying(
                        InlayException.class, e -> assertThat(e.kind()).isEqualTo(InlayException.Kind.ADAPTER))
                .hasMessageContainingAll(parts)
                .message()
                .startsWith("adapter_config.json");
    }
}
