package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
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
 */
public record Beside(
        boolean dora,
        boolean upBias,
        BaseBias bias,
        List<String> saved,
        Tokens tokens,
        boolean tied,
        List<String> parameters) {
    /** Nothing but plain low-rank changes. */
    public static final Beside NOTHING =
            new Beside(false, false, BaseBias.NONE, List.of(), Tokens.NONE, false, List.of());

    /** DoRA and nothing else. */
    public static final Beside DORA = new Beside(true, false, BaseBias.NONE, List.of(), Tokens.NONE, false, List.of());

    public Beside {
        saved = List.copyOf(saved);
        parameters = List.copyOf(parameters);
        if (dora && upBias) {
            throw InlayException.adapter("use_dora and lora_bias are both set; PEFT has no such adapter");
        }
        if (!parameters.isEmpty() && (dora || upBias)) {
            throw InlayException.adapter(
                    "target_parameters is set together with %s; PEFT has no such adapter",
                    dora ? "use_dora" : "lora_bias");
        }
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
