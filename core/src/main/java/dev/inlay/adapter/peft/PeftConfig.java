package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What {@code adapter_config.json} says, as far as we run it: LoRA with what can lie beside it.
 *
 * <p>File: UTF-8, one JSON object, keys sorted, two spaces of indentation. Read: every key of PEFT 0.21 is either honoured
 * or, if it holds more than null, false or nothing, refused by its name. Absent keys have PEFT's defaults, {@code r} and
 * {@code lora_alpha} 8 among them; {@code peft_type} alone is required. Written, in this order:
 *
 * <table>
 * <caption>Keys</caption>
 * <tr><td>{@code alora_invocation_tokens}</td><td>list of ids; only with such a gate</td></tr>
 * <tr><td>{@code alpha_pattern}</td><td>object, path ending (regular expression) to number; order counts</td></tr>
 * <tr><td>{@code base_model_name_or_path}</td><td>string or null; provenance, never followed</td></tr>
 * <tr><td>{@code bias}</td><td>"none", "all" or "lora_only"</td></tr>
 * <tr><td>{@code ensure_weight_tying}</td><td>true; only if so</td></tr>
 * <tr><td>{@code exclude_modules}</td><td>list of names or regular expression; only if there are any</td></tr>
 * <tr><td>{@code fan_in_fan_out}</td><td>boolean; the base stores [in, out]</td></tr>
 * <tr><td>{@code inference_mode}</td><td>true</td></tr>
 * <tr><td>{@code init_lora_weights}</td><td>{@link Start}</td></tr>
 * <tr><td>{@code inlay_gate}</td><td>a gate that PEFT cannot express ({@link GateFile}); only with one</td></tr>
 * <tr><td>{@code layers_pattern}</td><td>list of names, or null</td></tr>
 * <tr><td>{@code layers_to_transform}</td><td>list of integers, or null</td></tr>
 * <tr><td>{@code lora_alpha}</td><td>number above 0</td></tr>
 * <tr><td>{@code lora_bias}</td><td>true; only if so</td></tr>
 * <tr><td>{@code lora_dropout}</td><td>number in [0, 1)</td></tr>
 * <tr><td>{@code modules_to_save}</td><td>list of names, or null</td></tr>
 * <tr><td>{@code peft_type}</td><td>"LORA", or "INLAY_GATED" with {@code inlay_gate}</td></tr>
 * <tr><td>{@code r}</td><td>integer, at least 1</td></tr>
 * <tr><td>{@code rank_pattern}</td><td>as {@code alpha_pattern}, to integers</td></tr>
 * <tr><td>{@code revision}</td><td>string or null; provenance</td></tr>
 * <tr><td>{@code target_modules}</td><td>sorted list of names, regular expression, "all-linear", or null</td></tr>
 * <tr><td>{@code target_parameters}</td><td>list of path ends; only if there are any</td></tr>
 * <tr><td>{@code task_type}</td><td>"CAUSAL_LM" or null</td></tr>
 * <tr><td>{@code trainable_token_indices}</td><td>list of ids, or object, module to list; only if there are any</td></tr>
 * <tr><td>{@code use_dora}</td><td>true; only if so</td></tr>
 * <tr><td>{@code use_rslora}</td><td>boolean</td></tr>
 * </table>
 *
 * @param base the model it was trained on
 * @param selection which modules
 * @param ranks rank and scale of each
 * @param dropout probability that an input of the adapter is dropped in training, in [0, 1)
 * @param fanInFanOut whether the base stores its weights [in, out]
 * @param start how the factors began
 * @param beside what there is beside plain low-rank changes
 */
public record PeftConfig(
        Base base, Selection selection, Ranks ranks, double dropout, boolean fanInFanOut, Start start, Beside beside) {

    /**
     * Where the adapter comes from. PEFT never checks it, and nothing here is ever opened.
     *
     * @param name {@code base_model_name_or_path}
     * @param revision {@code revision}
     * @param task {@code task_type}: CAUSAL_LM, or null for none
     */
    public record Base(
            @Nullable String name,
            @Nullable String revision,
            @Nullable String task) {
        /** A language model of this name. */
        public static Base languageModel(@Nullable String name) {
            return new Base(name, null, "CAUSAL_LM");
        }
    }

    public PeftConfig {
        if (!(dropout >= 0 && dropout < 1)) {
            throw InlayException.adapter("lora_dropout must be at least 0 and below 1, was %s", dropout);
        }
    }

    /** Plain low-rank changes. */
    public PeftConfig(Base base, Selection selection, Ranks ranks, double dropout, boolean fanInFanOut, Start start) {
        this(base, selection, ranks, dropout, fanInFanOut, start, Beside.NOTHING);
    }

    /** The same with other things beside the factors. */
    public PeftConfig with(Beside other) {
        return new PeftConfig(base, selection, ranks, dropout, fanInFanOut, start, other);
    }

    /** Name of the method in metadata and for people. */
    public String variant() {
        if (beside.isGated()) {
            return beside.invocation().isEmpty() ? "gated" : "alora";
        }
        if (beside.dora()) {
            return "dora";
        }
        return ranks.stabilised() ? "rslora" : "lora";
    }

    /**
     * Reads the text of {@code adapter_config.json}.
     *
     * @param source names the file in errors
     * @param notes takes lines on what was left aside, for people
     */
    public static PeftConfig parse(String json, String source, Set<Allowance> allowed, Consumer<String> notes) {
        return new PeftConfigReader(ConfigFields.parse(json, source), allowed, notes).read();
    }

    /** The text of {@code adapter_config.json}, with a line end at its end. */
    public String toJson() {
        return new PeftConfigWriter().write(this);
    }
}
