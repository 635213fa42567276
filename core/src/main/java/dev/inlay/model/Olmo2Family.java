package dev.inlay.model;

import dev.inlay.model.DecoderConfig.Norm;
import dev.inlay.model.DecoderConfig.Normed;
import java.util.Map;
import java.util.Set;

/** OLMo 2: norms behind attention and feed-forward instead of before them, and of all queries or keys of a token together. */
final class Olmo2Family implements Family {
    @Override
    public String modelType() {
        return "olmo2";
    }

    @Override
    public DecoderConfig config(ConfigReader json) {
        json.ignoring("attention_bias");
        DecoderDraft draft = DecoderDraft.read(json, modelType(), 0);
        Map<Normed, Integer> widths = Map.of(
                Normed.QUERY,
                draft.attention.queryWidth(),
                Normed.KEY,
                draft.attention.keyValueWidth(),
                Normed.ATTENTION_OUTPUT,
                draft.width,
                Normed.FEED_FORWARD_OUTPUT,
                draft.width);
        return draft.norm(new Norm(Norm.Kind.ROOT_MEAN_SQUARE_WIDE, json.positive("rms_norm_eps", 1e-5), widths))
                .rotary(RotarySettings.of(draft).read(json))
                .activation(json.activation("hidden_act", "silu"))
                .tiedHead(json.flag("tie_word_embeddings", false))
                .finish();
    }

    @Override
    public Blueprint blueprint(DecoderConfig config, ConfigReader json, Set<String> names) {
        return new LlamaLayout(config, LlamaLayout.SINGLE, LlamaFamily.biased(json)).blueprint();
    }
}
