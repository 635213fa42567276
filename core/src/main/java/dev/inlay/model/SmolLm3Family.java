package dev.inlay.model;

import dev.inlay.InlayException;
import dev.inlay.model.DecoderConfig.Norm;
import dev.inlay.model.DecoderConfig.Normed;
import dev.inlay.model.DecoderConfig.Sight;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** SmolLM 3: Llama with layers, every fourth as a rule, whose queries and keys do not turn. */
final class SmolLm3Family implements Family {
    private static final double THETA = 2e6;
    private static final int INTERVAL = 4;

    @Override
    public String modelType() {
        return "smollm3";
    }

    @Override
    public DecoderConfig config(ConfigReader json) {
        // max_window_layers stands in the released file and is not read.
        json.ignoring("attention_bias", "mlp_bias", "max_window_layers");
        DecoderDraft draft = DecoderDraft.read(json, modelType(), 0);
        return draft.norm(
                        Norm.Kind.ROOT_MEAN_SQUARE,
                        json.positive("rms_norm_eps", 1e-6),
                        Normed.ATTENTION_INPUT,
                        Normed.FEED_FORWARD_INPUT)
                .sights(sights(json, draft))
                .activation(json.activation("hidden_act", "silu"))
                .tiedHead(json.flag("tie_word_embeddings", true))
                .finish();
    }

    private static List<Sight> sights(ConfigReader json, DecoderDraft draft) {
        RotaryFrequencies rotary = RotarySettings.of(draft).withTheta(THETA).read(json);
        List<Boolean> turning = turning(json, draft.layers());
        int window = json.window("sliding_window", Sight.ALL);
        boolean used = json.flag("use_sliding_window", false);
        List<Integer> windows = json.windows(draft.layers(), used ? window : Sight.ALL, layer -> !turning.get(layer));
        List<Sight> sights = new ArrayList<>();
        for (int layer = 0; layer < draft.layers(); layer++) {
            sights.add(new Sight(windows.get(layer), turning.get(layer) ? rotary : null));
        }
        return sights;
    }

    /** {@code no_rope_layers} holds, against its name, 1 for a layer that turns. */
    private static List<Boolean> turning(ConfigReader json, int layers) {
        int interval = json.width("no_rope_layer_interval", INTERVAL);
        List<Long> stated = json.integers("no_rope_layers", 0, 1);
        if (!stated.isEmpty() && stated.size() < layers) {
            throw InlayException.data(
                    "%s: no_rope_layers has %d entries for %d layers", json.where(), stated.size(), layers);
        }
        List<Boolean> turning = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            turning.add(stated.isEmpty() ? (layer + 1) % interval != 0 : stated.get(layer) == 1);
        }
        return turning;
    }

    @Override
    public Blueprint blueprint(DecoderConfig config, ConfigReader json, Set<String> names) {
        return new LlamaLayout(config, LlamaLayout.SINGLE, LlamaFamily.biased(json)).blueprint();
    }
}
