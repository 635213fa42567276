package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import dev.inlay.adapter.gate.GateText;
import dev.inlay.adapter.gate.TriggerGate;
import dev.inlay.model.Gate;
import java.util.List;
import java.util.Locale;

/**
 * What a configuration says beside plain low-rank changes.
 *
 * @param dora {@code use_dora}: each changed map has a magnitude for every output
 * @param upBias {@code lora_bias}: each second factor has a bias
 * @param bias {@code bias}: which biases of the base were trained
 * @param saved {@code modules_to_save}: names of modules that were trained whole
 * @param tokens {@code trainable_token_indices}
 * @param tied {@code ensure_weight_tying}: what was trained of the embedding is the head's too, where the base ties them
 * @param parameters {@code target_parameters}: ends of the paths of weights that are changed like the targets
 * @param gate which tokens the changes act on; {@code alora_invocation_tokens}, or what {@link GateFile} says
 */
public record Beside(
        boolean dora,
        boolean upBias,
        BaseBias bias,
        List<String> saved,
        Tokens tokens,
        boolean tied,
        List<String> parameters,
        Gate gate) {
    /** Nothing but plain low-rank changes. */
    public static final Beside NOTHING =
            new Beside(false, false, BaseBias.NONE, List.of(), Tokens.NONE, false, List.of(), Gate.OPEN);

    /** DoRA and nothing else. */
    public static final Beside DORA =
            new Beside(true, false, BaseBias.NONE, List.of(), Tokens.NONE, false, List.of(), Gate.OPEN);

    public Beside {
        saved = List.copyOf(saved);
        parameters = List.copyOf(parameters);
        if (!gate.equals(Gate.OPEN)
                && (dora || bias != BaseBias.NONE || !saved.isEmpty() || !tokens.equals(Tokens.NONE))) {
            String other = dora
                    ? "use_dora"
                    : bias != BaseBias.NONE ? "bias" : saved.isEmpty() ? "trainable_token_indices" : "modules_to_save";
            throw InlayException.adapter(
                    "a gate (alora_invocation_tokens, or %s) lets the adapter act on some tokens only, and %s would act on"
                            + " all; a gate is for low-rank changes",
                    GateText.FILE, other);
        }
        if (dora && upBias) {
            throw InlayException.adapter("use_dora and lora_bias are both set; PEFT has no such adapter");
        }
        if (!parameters.isEmpty() && (dora || upBias)) {
            throw InlayException.adapter(
                    "target_parameters is set together with %s; PEFT has no such adapter",
                    dora ? "use_dora" : "lora_bias");
        }
    }

    /** The same for other tokens. */
    public Beside with(Gate other) {
        return new Beside(dora, upBias, bias, saved, tokens, tied, parameters, other);
    }

    /** Whether it acts on some tokens only. */
    public boolean isGated() {
        return !gate.equals(Gate.OPEN);
    }

    /** The gate as PEFT's {@code alora_invocation_tokens} say it; empty if it is open, or another. */
    List<Integer> invocation() {
        return gate instanceof TriggerGate trigger && trigger.isActivatedLora()
                ? trigger.trigger().ids()
                : List.of();
    }

    /** Which biases of the base lie beside the factors. */
    public enum BaseBias {
        NONE,
        /** Every bias of the model. */
        ALL,
        /** Those of the changed maps. */
        LORA_ONLY;

        /** As in the file. */
        String written() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
