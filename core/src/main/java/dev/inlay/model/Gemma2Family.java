package dev.inlay.model;

import dev.inlay.engine.Attention.Scoring;
import dev.inlay.model.DecoderConfig.Norm;
import dev.inlay.model.DecoderConfig.Normed;
import java.util.Set;

/** Gemma 2: as Gemma, with norms on both sides of each part, soft caps, and every second layer, from the first, sliding. */
final class Gemma2Family implements Family {
    private static final int WINDOW = 4096;

    @Override
    public String modelType() {
        return "gemma2";
    }

    @Override
    public DecoderConfig config(ConfigReader json) {
        // hidden_act stands in the released files beside hidden_activation and was never read.
        json.ignoring("attention_bias", "hidden_act");
        json.only("use_bidirectional_attention", false);
        DecoderDraft draft = DecoderDraft.read(json, modelType(), GemmaFamily.HEAD_DIM);
        int window = json.window("sliding_window", WINDOW);
        return draft.scoring(new Scoring(scale(json), json.softCap("attn_logit_softcapping", 50)))
                .norm(
                        Norm.Kind.ROOT_MEAN_SQUARE_ABOUT_ONE,
                        json.positive("rms_norm_eps", 1e-6),
                        Normed.ATTENTION_INPUT,
                        Normed.ATTENTION_OUTPUT,
                        Normed.FEED_FORWARD_INPUT,
                        Normed.FEED_FORWARD_OUTPUT)
                .windows(
                        json.windows(draft.layers(), window, layer -> layer % 2 == 0),
                        RotarySettings.of(draft).read(json))
                .activation(json.activation("hidden_activation", "gelu_pytorch_tanh"))
                .multipliers(GemmaFamily.multipliers(draft))
                .logitCap(json.softCap("final_logit_softcapping", 30))
                .tiedHead(json.flag("tie_word_embeddings", true))
                .finish();
    }

    static double scale(ConfigReader json) {
        return 1 / Math.sqrt(json.positive("query_pre_attn_scalar", 256));
    }

    @Override
    public Blueprint blueprint(DecoderConfig config, ConfigReader json, Set<String> names) {
        return new LlamaLayout(config, LlamaLayout.SINGLE, LlamaFamily.biased(json)).blueprint();
    }
}
