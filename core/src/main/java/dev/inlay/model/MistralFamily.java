package dev.inlay.model;

import dev.inlay.model.DecoderConfig.Norm;
import dev.inlay.model.DecoderConfig.Normed;
import java.util.Collections;
import java.util.Set;

/** Mistral 7B and Nemo: Llama with one window for all layers, if any. */
final class MistralFamily implements Family {
    private static final int WINDOW = 4096;

    @Override
    public String modelType() {
        return "mistral";
    }

    @Override
    public DecoderConfig config(ConfigReader json) {
        DecoderDraft draft = DecoderDraft.read(json, modelType(), 0);
        int window = json.window("sliding_window", WINDOW);
        return draft.norm(
                        Norm.Kind.ROOT_MEAN_SQUARE,
                        json.positive("rms_norm_eps", 1e-6),
                        Normed.ATTENTION_INPUT,
                        Normed.FEED_FORWARD_INPUT)
                .windows(
                        Collections.nCopies(draft.layers(), window),
                        RotarySettings.of(draft).read(json))
                .activation(json.activation("hidden_act", "silu"))
                .tiedHead(json.flag("tie_word_embeddings", false))
                .finish();
    }

    @Override
    public Blueprint blueprint(DecoderConfig config, ConfigReader json, Set<String> names) {
        return new LlamaLayout(config, LlamaLayout.SINGLE, Set.of()).blueprint();
    }
}
