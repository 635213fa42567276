package dev.inlay.model;

import dev.inlay.model.DecoderConfig.Norm;
import dev.inlay.model.DecoderConfig.Normed;
import dev.inlay.model.DecoderConfig.Sight;
import java.util.List;
import java.util.Set;

/** Qwen 2 and 2.5: Llama with biases of queries, keys and values, though no key says so, and upper layers that may slide. */
final class Qwen2Family implements Family {
    private static final int WINDOW = 4096;
    private static final int FULL_LAYERS = 28;

    @Override
    public String modelType() {
        return "qwen2";
    }

    @Override
    public DecoderConfig config(ConfigReader json) {
        DecoderDraft draft = DecoderDraft.read(json, modelType(), 0);
        return draft.norm(
                        Norm.Kind.ROOT_MEAN_SQUARE,
                        json.positive("rms_norm_eps", 1e-6),
                        Normed.ATTENTION_INPUT,
                        Normed.FEED_FORWARD_INPUT)
                .windows(windows(json, draft.layers()), RotarySettings.of(draft).read(json))
                .activation(json.activation("hidden_act", "silu"))
                .tiedHead(json.flag("tie_word_embeddings", false))
                .finish();
    }

    /** With {@code use_sliding_window} the layers from {@code max_window_layers} on slide; the name misleads. */
    static List<Integer> windows(ConfigReader json, int layers) {
        int window = json.window("sliding_window", WINDOW);
        boolean used = json.flag("use_sliding_window", false);
        int full = json.count("max_window_layers", FULL_LAYERS);
        return json.windows(layers, used ? window : Sight.ALL, layer -> layer >= full);
    }

    @Override
    public Blueprint blueprint(DecoderConfig config, ConfigReader json, Set<String> names) {
        Set<Projection> biased = Set.of(Projection.QUERY, Projection.KEY, Projection.VALUE);
        return new LlamaLayout(config, LlamaLayout.SINGLE, biased).blueprint();
    }
}
