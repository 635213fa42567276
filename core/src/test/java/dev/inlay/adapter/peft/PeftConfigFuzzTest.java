package dev.inlay.adapter.peft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.InlayException;
import dev.inlay.testing.Seeds;
import java.util.EnumSet;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Whatever a file says, it is read or refused by a named error; and what is read is a fixed point of writing. */
class PeftConfigFuzzTest {
    private static final String SEED = """
            {"alpha_pattern": {"layers\\\\.1\\\\.q_proj": 3, "^model.*(k|v)_proj": 2.5}, "auto_mapping": null,
             "bias": "none", "exclude_modules": ".*mlp.*", "fan_in_fan_out": true, "init_lora_weights": "gaussian",
             "layers_pattern": ["layers"], "layers_to_transform": [0, 1], "lora_alpha": 16, "lora_dropout": 0.05,
             "modules_to_save": null, "peft_type": "LORA", "r": 8, "rank_pattern": {"q_proj": 2, "[kv]_proj{1,2}": 4},
             "target_modules": ["q_proj", "model.layers.1.self_attn.k_proj"], "task_type": "CAUSAL_LM",
             "use_dora": false, "use_rslora": true, "loftq_config": {}, "inference_mode": true}
            """;
    private static final String[] PIECES = {
        "null",
        "true",
        "-1",
        "0",
        "1e999",
        "\"\"",
        "\"x\"",
        "[]",
        "{}",
        "[[1]]",
        "(",
        ")",
        "*",
        "+",
        "?",
        "{2}",
        "[a-",
        "\\\\",
        "|",
        "\"",
        ",",
        ":",
        "\u0000",
        "\ud800",
        "all-linear",
        "(?:",
        "{,",
        "99999999999999999999"
    };

    @TestFactory
    Stream<DynamicTest> changedTextIsReadOrRefusedByName() {
        return Seeds.each(500, random -> {
            String text = changed(random);
            try {
                PeftConfig config = PeftConfig.parse(text, "file", EnumSet.allOf(Allowance.class), note -> {});
                PeftConfig again =
                        PeftConfig.parse(config.toJson(), "file", EnumSet.noneOf(Allowance.class), note -> {});
                assertThat(again).as(text).isEqualTo(config);
            } catch (InlayException e) {
                assertThat(e.kind()).as(text).isEqualTo(InlayException.Kind.ADAPTER);
                assertThat(e.getMessage()).startsWith("file").doesNotContain("\n");
            }
        });
    }

    private static String changed(Random random) {
        StringBuilder text = new StringBuilder(SEED);
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(text.length());
            int end = Math.min(text.length(), at + random.nextInt(6));
            text.replace(at, end, random.nextBoolean() ? PIECES[random.nextInt(PIECES.length)] : "");
        }
        return text.toString();
    }
}
