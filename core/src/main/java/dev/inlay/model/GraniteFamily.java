package dev.inlay.model;

import dev.inlay.engine.Attention.Scoring;
import dev.inlay.model.DecoderConfig.Multipliers;
import dev.inlay.model.DecoderConfig.Norm;
import dev.inlay.model.DecoderConfig.Normed;
import java.util.Set;

/** Granite 3, dense: Llama with fixed multipliers of embedding, scores, residual stream and logits. */
final class GraniteFamily implements Family {
    @Override
    public String modelType() {
        return "granite";
    }

    @Override
    public DecoderConfig config(ConfigReader json) {
        json.ignoring("attention_bias", "mlp_bias");
        DecoderDraft draft = DecoderDraft.read(json, modelType(), 0);
        return draft.scoring(Scoring.scaled(json.positive("attention_multiplier", 1)))
                .norm(
                        Norm.Kind.ROOT_MEAN_SQUARE,
                        json.positive("rms_norm_eps", 1e-6),
                        Normed.ATTENTION_INPUT,
                        Normed.FEED_FORWARD_INPUT)
                .rotary(RotarySettings.of(draft).read(json))
                .activation(json.activation("hidden_act", "silu"))
                .multipliers(new Multipliers(
                        json.positive("embedding_multiplier", 1),
                        json.positive("residual_multiplier", 1),
                        1 / json.positive("logits_scaling", 1)))
                .tiedHead(json.flag("tie_word_embeddings", false))
                .finish();
    }

    @Override
    public Blueprint blueprint(DecoderConfig config, ConfigReader json, Set<String> names) {
        return new LlamaLayout(config, LlamaLayout.SINGLE, LlamaFamily.biased(json)).blueprint();
    }
}
