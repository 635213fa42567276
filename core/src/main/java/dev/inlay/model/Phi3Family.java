package dev.inlay.model;

import dev.inlay.model.DecoderConfig.Norm;
import dev.inlay.model.DecoderConfig.Normed;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * Phi-3, Phi-3.5 and Phi-4 (mini): one map for queries, keys and values, one for gate and up; long contexts by "longrope",
 * and in the newest a part of each head that does not turn.
 */
final class Phi3Family implements Family {
    private static final int ORIGINAL_CONTEXT = 4096;
    private static final List<Projection> MAPS =
            List.of(Projection.QUERY_KEY_VALUE, Projection.ATTENTION_OUTPUT, Projection.GATE_UP, Projection.DOWN);

    @Override
    public String modelType() {
        return "phi3";
    }

    @Override
    public DecoderConfig config(ConfigReader json) {
        json.ignoring("embd_pdrop", "resid_pdrop");
        for (String bias : List.of("attention_bias", "mlp_bias", "lm_head_bias")) {
            json.only(bias, false);
        }
        json.only("full_attn_mod", 1);
        json.only("interpolate_factor", 1);
        DecoderDraft draft = DecoderDraft.read(json, modelType(), 0);
        RotaryFrequencies rotary = RotarySettings.of(draft)
                .withShare(json.positive("partial_rotary_factor", 1))
                .withOriginal(json.context("original_max_position_embeddings", ORIGINAL_CONTEXT))
                .read(json);
        return draft.norm(
                        Norm.Kind.ROOT_MEAN_SQUARE,
                        json.positive("rms_norm_eps", 1e-5),
                        Normed.ATTENTION_INPUT,
                        Normed.FEED_FORWARD_INPUT)
                .windows(
                        Collections.nCopies(draft.layers(), json.window("sliding_window", DecoderConfig.Sight.ALL)),
                        rotary)
                .activation(json.activation("hidden_act", "silu"))
                .tiedHead(json.flag("tie_word_embeddings", false))
                .finish();
    }

    @Override
    public Blueprint blueprint(DecoderConfig config, ConfigReader json, Set<String> names) {
        return new LlamaLayout(config, MAPS, Set.of()).blueprint();
    }
}
