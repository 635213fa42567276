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
 * GPT-NeoX and Pythia: layer norms, attention and feed-forward side by side, a quarter of each head turns, one map for
 * queries, keys and values in the order of the heads.
 */
final class GptNeoXFamily implements Family {
    private static final double SHARE = 0.25;
    private static final String PREFIX = "gpt_neox.";

    @Override
    public String modelType() {
        return "gpt_neox";
    }

    @Override
    public DecoderConfig config(ConfigReader json) {
        json.ignoring("attention_bias", "hidden_dropout", "classifier_dropout", "embd_pdrop");
        int width = json.width("hidden_size");
        int heads = json.width("num_attention_heads");
        DecoderDraft draft = new DecoderDraft(
                modelType(),
                json.vocabulary("vocab_size"),
                width,
                json.width("intermediate_size"),
                json.context("max_position_embeddings"),
                new AttentionShape(heads, heads, json.perHead(width, heads)),
                json.layers("num_hidden_layers"));
        return draft.norm(
                        Norm.Kind.LAYER,
                        json.positive("layer_norm_eps", 1e-5),
                        Normed.ATTENTION_INPUT,
                        Normed.FEED_FORWARD_INPUT)
                .rotary(RotarySettings.of(draft)
                        .withShare(json.positive("rotary_pct", SHARE))
                        .withTheta(json.positive("rotary_emb_base", 10_000))
                        .scaled(RotarySettings.settings(json)))
                .activation(json.activation("hidden_act", "gelu"))
                .ungated()
                .parallel(json.flag("use_parallel_residual", true))
                .tiedHead(json.flag("tie_word_embeddings", false))
                .finish();
    }

    @Override
    public Blueprint blueprint(DecoderConfig config, ConfigReader json, Set<String> names) {
        boolean biased = json.flag("attention_bias", true);
        List<Blueprint.Layer> layers = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            layers.add(layer(config, layer, PREFIX + "layers." + layer + ".", biased));
        }
        // Releases of transformers before 5 call the head embed_out.
        String head = names.contains("embed_out.weight") ? "embed_out" : "lm_head";
        return new Blueprint(
                PREFIX + "embed_in.weight",
                null,
                layers,
                new NormPlace(PREFIX + "final_layer_norm", true),
                new LinearSite(Site.HEAD, head, config.width(), config.vocabulary(), false, false),
                "",
                name -> name.matches(".*layers\\.\\d+\\.attention\\.(bias|masked_bias|rotary_emb\\.inv_freq)"),
                1);
    }

    private static Blueprint.Layer layer(DecoderConfig config, int layer, String path, boolean biased) {
        int width = config.width();
        int inner = config.feedForward();
        return new Blueprint.Layer(
                Map.of(
                        Normed.ATTENTION_INPUT, new NormPlace(path + "input_layernorm", true),
                        Normed.FEED_FORWARD_INPUT, new NormPlace(path + "post_attention_layernorm", true)),
                List.of(
                        new LinearSite(
                                new Site(layer, Projection.QUERY_KEY_VALUE_BY_HEAD),
                                path + "attention.query_key_value",
                                width,
                                3 * width,
                                false,
                                biased),
                        new LinearSite(
                                new Site(layer, Projection.ATTENTION_OUTPUT),
                                path + "attention.dense",
                                width,
                                width,
                                false,
                                biased),
                        new LinearSite(
                                new Site(layer, Projection.UP), path + "mlp.dense_h_to_4h", width, inner, false, true),
                        new LinearSite(
                                new Site(layer, Projection.DOWN),
                                path + "mlp.dense_4h_to_h",
                                inner,
                                width,
                                false,
                                true)));
    }
}
