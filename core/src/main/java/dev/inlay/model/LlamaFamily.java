package dev.inlay.model;

import dev.inlay.model.DecoderConfig.Norm;
import dev.inlay.model.DecoderConfig.Normed;
import java.util.EnumSet;
import java.util.Set;

/** Llama 1, 2, 3 and what is built like them (TinyLlama, SmolLM): rotary positions, RMS norms, gated feed-forward. */
final class LlamaFamily implements Family {
    @Override
    public String modelType() {
        return "llama";
    }

    @Override
    public DecoderConfig config(ConfigReader json) {
        json.ignoring("attention_bias", "mlp_bias", "is_llama_config");
        DecoderDraft draft = DecoderDraft.read(json, modelType(), 0);
        return draft.norm(
                        Norm.Kind.ROOT_MEAN_SQUARE,
                        json.positive("rms_norm_eps", 1e-6),
                        Normed.ATTENTION_INPUT,
                        Normed.FEED_FORWARD_INPUT)
                .rotary(RotarySettings.of(draft).read(json))
                .activation(json.activation("hidden_act", "silu"))
                .tiedHead(json.flag("tie_word_embeddings", false))
                .finish();
    }

    @Override
    public Blueprint blueprint(DecoderConfig config, ConfigReader json, Set<String> names) {
        return new LlamaLayout(config, LlamaLayout.SINGLE, biased(json)).blueprint();
    }

    /** The maps to which the two switches give a bias. */
    static Set<Projection> biased(ConfigReader json) {
        Set<Projection> biased = EnumSet.noneOf(Projection.class);
        if (json.flag("attention_bias", false)) {
            biased.addAll(LlamaLayout.ATTENTION);
        }
        if (json.flag("mlp_bias", false)) {
            biased.addAll(LlamaLayout.FEED_FORWARD);
        }
        return biased;
    }
}
