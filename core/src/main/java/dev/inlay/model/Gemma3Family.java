package dev.inlay.model;

import dev.inlay.InlayException;
import dev.inlay.engine.Attention.Scoring;
import dev.inlay.model.DecoderConfig.Norm;
import dev.inlay.model.DecoderConfig.Normed;
import dev.inlay.model.DecoderConfig.Sight;
import dev.inlay.model.files.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Gemma 3, text: as Gemma 2 without caps, with norms of each head of queries and keys. Five layers slide and turn by local
 * frequencies, the sixth sees all and turns by global ones.
 */
final class Gemma3Family implements Family {
    private static final int WINDOW = 4096;
    private static final int PATTERN = 6;

    @Override
    public String modelType() {
        return "gemma3_text";
    }

    @Override
    public DecoderConfig config(ConfigReader json) {
        json.ignoring("attention_bias");
        json.only("use_bidirectional_attention", false);
        if (!Double.isInfinite(json.softCap("attn_logit_softcapping", Double.POSITIVE_INFINITY))) {
            throw InlayException.data(
                    "%s: attn_logit_softcapping is not part of Gemma 3; remove it, or use model_type gemma2",
                    json.where());
        }
        DecoderDraft draft = DecoderDraft.read(json, modelType(), GemmaFamily.HEAD_DIM);
        return draft.scoring(Scoring.scaled(Gemma2Family.scale(json)))
                .sights(sights(json, draft))
                .norm(Norm.Kind.ROOT_MEAN_SQUARE_ABOUT_ONE, json.positive("rms_norm_eps", 1e-6), Normed.values())
                .activation(json.activation("hidden_activation", "gelu_pytorch_tanh"))
                .multipliers(GemmaFamily.multipliers(draft))
                .logitCap(json.softCap("final_logit_softcapping", Double.POSITIVE_INFINITY))
                .tiedHead(json.flag("tie_word_embeddings", true))
                .finish();
    }

    private static List<Sight> sights(ConfigReader json, DecoderDraft draft) {
        int window = json.window("sliding_window", WINDOW);
        int pattern = json.width("sliding_window_pattern", PATTERN);
        List<Integer> windows = json.windows(draft.layers(), window, layer -> (layer + 1) % pattern != 0);
        Optional<JsonObject> settings = RotarySettings.settings(json);
        boolean byType = settings.filter(Gemma3Family::isByType).isPresent();
        RotarySettings all = RotarySettings.of(draft).withTheta(json.positive("rope_theta", 1e6));
        RotarySettings near = RotarySettings.of(draft).withTheta(json.positive("rope_local_base_freq", 1e4));
        RotaryFrequencies global =
                all.scaled(byType ? settings.flatMap(types -> types.optionalObject("full_attention")) : settings);
        RotaryFrequencies local = near.scaled(
                byType ? settings.flatMap(types -> types.optionalObject("sliding_attention")) : Optional.empty());
        return windows.stream()
                .map(w -> new Sight(w, w == Sight.ALL ? global : local))
                .toList();
    }

    /** Newer files have settings for each type of layer, older ones only for those that see all. */
    private static boolean isByType(JsonObject settings) {
        boolean found = settings.has("full_attention") || settings.has("sliding_attention");
        if (found && !Set.of("full_attention", "sliding_attention").containsAll(settings.keys())) {
            throw InlayException.data(
                    "%s: must hold full_attention and sliding_attention alone, found %s",
                    settings.where(), String.join(", ", settings.keys()));
        }
        return found;
    }

    @Override
    public Blueprint blueprint(DecoderConfig config, ConfigReader json, Set<String> names) {
        return new LlamaLayout(config, LlamaLayout.SINGLE, LlamaFamily.biased(json)).blueprint();
    }
}
