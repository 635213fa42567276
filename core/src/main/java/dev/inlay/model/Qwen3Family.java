package dev.inlay.model;

import dev.inlay.model.DecoderConfig.Norm;
import dev.inlay.model.DecoderConfig.Normed;
import java.util.Set;

/** Qwen 3, dense: each head of queries and keys goes through a norm before it turns; the width of a head is its own. */
final class Qwen3Family implements Family {
    private static final int HEAD_DIM = 128;

    @Override
    public String modelType() {
        return "qwen3";
    }

    @Override
    public DecoderConfig config(ConfigReader json) {
        json.ignoring("attention_bias");
        DecoderDraft draft = DecoderDraft.read(json, modelType(), HEAD_DIM);
        return draft.norm(
                        Norm.Kind.ROOT_MEAN_SQUARE,
                        json.positive("rms_norm_eps", 1e-6),
                        Normed.ATTENTION_INPUT,
                        Normed.QUERY,
                        Normed.KEY,
                        Normed.FEED_FORWARD_INPUT)
                .windows(
                        Qwen2Family.windows(json, draft.layers()),
                        RotarySettings.of(draft).read(json))
                .activation(json.activation("hidden_act", "silu"))
                .tiedHead(json.flag("tie_word_embeddings", false))
                .finish();
    }

    @Override
    public Blueprint blueprint(DecoderConfig config, ConfigReader json, Set<String> names) {
        return new LlamaLayout(config, LlamaLayout.SINGLE, LlamaFamily.biased(json)).blueprint();
    }
}
