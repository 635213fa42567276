package dev.inlay.model;

import dev.inlay.model.Blueprint.NormPlace;
import dev.inlay.model.DecoderConfig.AttentionShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Llama 1, 2, 3 and what is built like them (TinyLlama, SmolLM): rotary positions, RMS norms, gated feed-forward. */
final class LlamaFamily implements Family {
    @Override
    public String modelType() {
        return "llama";
    }

    @Override
    public DecoderConfig config(ConfigReader json) {
        int width = json.width("hidden_size");
        int heads = json.width("num_attention_heads");
        int headDim = json.has("head_dim") ? json.width("head_dim") : json.perHead(width, heads);
        json.ignoring("pretraining_tp", "attention_bias", "mlp_bias");
        return new DecoderConfig(
                modelType(),
                json.vocabulary("vocab_size"),
                width,
                json.layers("num_hidden_layers"),
                json.width("intermediate_size"),
                json.context("max_position_embeddings"),
                new AttentionShape(heads, json.keyValueHeads("num_key_value_heads", heads), headDim),
                new DecoderConfig.Norm(DecoderConfig.Norm.Kind.ROOT_MEAN_SQUARE, json.positive("rms_norm_eps", 1e-6)),
                new DecoderConfig.Rotary(RotarySettings.read(json, headDim)),
                json.activation("hidden_act", "silu"),
                true,
                json.flag("tie_word_embeddings", false));
    }

    @Override
    public Blueprint blueprint(DecoderConfig config, ConfigReader json, Set<String> names) {
        boolean attentionBias = json.flag("attention_bias", false);
        boolean feedForwardBias = json.flag("mlp_bias", false);
        List<Blueprint.Layer> layers = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            layers.add(layer(config, layer, attentionBias, feedForwardBias));
        }
        return new Blueprint(
                "model.embed_tokens.weight",
                null,
                layers,
                new NormPlace("model.norm", false),
                new LinearSite(Site.HEAD, "lm_head", config.width(), config.vocabulary(), false, false),
                "",
                name -> name.endsWith(".rotary_emb.inv_freq"));
    }

    private static Blueprint.Layer layer(
            DecoderConfig config, int layer, boolean attentionBias, boolean feedForwardBias) {
        String path = "model.layers." + layer + ".";
        AttentionShape shape = config.attention();
        int width = config.width();
        int inner = config.feedForward();
        int query = shape.heads() * shape.headDim();
        int other = shape.keyValueHeads() * shape.headDim();
        String attention = path + "self_attn.";
        String mlp = path + "mlp.";
        return new Blueprint.Layer(
                new NormPlace(path + "input_layernorm", false),
                new NormPlace(path + "post_attention_layernorm", false),
                List.of(
                        site(layer, Projection.QUERY, attention + "q_proj", width, query, attentionBias),
                        site(layer, Projection.KEY, attention + "k_proj", width, other, attentionBias),
                        site(layer, Projection.VALUE, attention + "v_proj", width, other, attentionBias),
                        site(layer, Projection.ATTENTION_OUTPUT, attention + "o_proj", query, width, attentionBias),
                        site(layer, Projection.GATE, mlp + "gate_proj", width, inner, feedForwardBias),
                        site(layer, Projection.UP, mlp + "up_proj", width, inner, feedForwardBias),
                        site(layer, Projection.DOWN, mlp + "down_proj", inner, width, feedForwardBias)));
    }

    private static LinearSite site(int layer, Projection projection, String path, int in, int out, boolean biased) {
        return new LinearSite(new Site(layer, projection), path, in, out, false, biased);
    }
}
