package dev.inlay.model;

import dev.inlay.InlayException;
import dev.inlay.model.DecoderConfig.Multipliers;
import dev.inlay.model.DecoderConfig.Norm;
import dev.inlay.model.DecoderConfig.Normed;
import java.util.Set;

/** Gemma 1: stored norm weights are less by one, embeddings are multiplied by the root of the width. */
final class GemmaFamily implements Family {
    static final int HEAD_DIM = 256;

    @Override
    public String modelType() {
        return "gemma";
    }

    @Override
    public DecoderConfig config(ConfigReader json) {
        json.ignoring("attention_bias");
        json.only("use_bidirectional_attention", false);
        DecoderDraft draft = DecoderDraft.read(json, modelType(), HEAD_DIM);
        return draft.norm(
                        Norm.Kind.ROOT_MEAN_SQUARE_ABOUT_ONE,
                        json.positive("rms_norm_eps", 1e-6),
                        Normed.ATTENTION_INPUT,
                        Normed.FEED_FORWARD_INPUT)
                .rotary(RotarySettings.of(draft).read(json))
                .activation(activation(json))
                .multipliers(multipliers(draft))
                .tiedHead(json.flag("tie_word_embeddings", true))
                .finish();
    }

    /**
     * The first configurations said "gelu" and meant its approximation, as their releases of transformers took it; later
     * releases take the word as it stands. {@code hidden_activation} was added to say which.
     */
    private static DecoderConfig.Nonlinearity activation(ConfigReader json) {
        String other = json.text("hidden_act", "gelu_pytorch_tanh");
        if (!json.has("hidden_activation") && other.equals("gelu")) {
            throw InlayException.data(
                    "%s: hidden_act \"gelu\" alone is read in two ways; add hidden_activation \"gelu_pytorch_tanh\", with"
                            + " which Gemma was trained, or \"gelu\"",
                    json.where());
        }
        return json.activation("hidden_activation", other);
    }

    static Multipliers multipliers(DecoderDraft draft) {
        return new Multipliers(Math.sqrt(draft.width), 1, 1);
    }

    @Override
    public Blueprint blueprint(DecoderConfig config, ConfigReader json, Set<String> names) {
        return new LlamaLayout(config, LlamaLayout.SINGLE, LlamaFamily.biased(json)).blueprint();
    }
}
