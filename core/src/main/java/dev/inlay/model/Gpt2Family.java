package dev.inlay.model;

import dev.inlay.model.Blueprint.NormPlace;
import dev.inlay.model.DecoderConfig.AttentionShape;
import dev.inlay.model.DecoderConfig.Norm;
import dev.inlay.model.DecoderConfig.Normed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * GPT-2: learned positions, layer norms, one map for queries, keys and values, weights stored [in, out]. The original
 * checkpoint has no {@code transformer.} prefix and carries mask buffers.
 */
final class Gpt2Family implements Family {
    private static final String PREFIX = "transformer.";

    @Override
    public String modelType() {
        return "gpt2";
    }

    @Override
    public DecoderConfig config(ConfigReader json) {
        int width = json.width("n_embd");
        int heads = json.width("n_head");
        json.only("scale_attn_weights", true);
        json.only("scale_attn_by_inverse_layer_idx", false);
        json.only("add_cross_attention", false);
        json.ignoring("attn_pdrop", "embd_pdrop", "resid_pdrop", "n_ctx", "reorder_and_upcast_attn");
        json.ignoring(
                "summary_activation",
                "summary_first_dropout",
                "summary_proj_to_labels",
                "summary_type",
                "summary_use_proj");
        DecoderDraft draft = new DecoderDraft(
                modelType(),
                json.vocabulary("vocab_size"),
                width,
                json.width("n_inner", 4 * width),
                json.context("n_positions"),
                new AttentionShape(heads, heads, json.perHead(width, heads)),
                json.layers("n_layer"));
        return draft.norm(
                        Norm.Kind.LAYER,
                        json.positive("layer_norm_epsilon", 1e-5),
                        Normed.ATTENTION_INPUT,
                        Normed.FEED_FORWARD_INPUT)
                .learnedPositions()
                .activation(json.activation("activation_function", "gelu_new"))
                .ungated()
                .tiedHead(json.flag("tie_word_embeddings", true))
                .finish();
    }

    @Override
    public Blueprint blueprint(DecoderConfig config, ConfigReader json, Set<String> names) {
        List<Blueprint.Layer> layers = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            layers.add(layer(config, layer, PREFIX + "h." + layer + "."));
        }
        return new Blueprint(
                PREFIX + "wte.weight",
                PREFIX + "wpe.weight",
                layers,
                new NormPlace(PREFIX + "ln_f", true),
                new LinearSite(Site.HEAD, "lm_head", config.width(), config.vocabulary(), false, false),
                names.contains("wte.weight") ? PREFIX : "",
                name -> name.matches(".*h\\.\\d+\\.attn\\.(bias|masked_bias)"),
                1 / Math.sqrt(2.0 * config.layers()));
    }

    private static Blueprint.Layer layer(DecoderConfig config, int layer, String path) {
        int width = config.width();
        int inner = config.feedForward();
        return new Blueprint.Layer(
                Map.of(
                        Normed.ATTENTION_INPUT, new NormPlace(path + "ln_1", true),
                        Normed.FEED_FORWARD_INPUT, new NormPlace(path + "ln_2", true)),
                List.of(
                        site(layer, Projection.QUERY_KEY_VALUE, path + "attn.c_attn", width, 3 * width),
                        site(layer, Projection.ATTENTION_OUTPUT, path + "attn.c_proj", width, width),
                        site(layer, Projection.UP, path + "mlp.c_fc", width, inner),
                        site(layer, Projection.DOWN, path + "mlp.c_proj", inner, width)));
    }

    private static LinearSite site(int layer, Projection projection, String path, int in, int out) {
        return new LinearSite(new Site(layer, projection), path, in, out, true, true);
    }
}
