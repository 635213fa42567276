package dev.inlay.model;

import dev.inlay.model.Blueprint.NormPlace;
import dev.inlay.model.DecoderConfig.Normed;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where the tensors lie in the checkpoints of the many families that took over Llama's names.
 *
 * @param config the shapes, and which norms there are
 * @param maps the linear maps of a layer, in the order of computation
 * @param biased those of them that have a bias
 */
record LlamaLayout(DecoderConfig config, List<Projection> maps, Set<Projection> biased) {
    /** The maps of a layer in which each is a tensor of its own. */
    static final List<Projection> SINGLE = List.of(
            Projection.QUERY,
            Projection.KEY,
            Projection.VALUE,
            Projection.ATTENTION_OUTPUT,
            Projection.GATE,
            Projection.UP,
            Projection.DOWN);

    static final Set<Projection> ATTENTION =
            Set.of(Projection.QUERY, Projection.KEY, Projection.VALUE, Projection.ATTENTION_OUTPUT);
    static final Set<Projection> FEED_FORWARD = Set.of(Projection.GATE, Projection.UP, Projection.DOWN);

    Blueprint blueprint() {
        List<Blueprint.Layer> layers = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            layers.add(layer(layer, "model.layers." + layer + "."));
        }
        return new Blueprint(
                "model.embed_tokens.weight",
                null,
                layers,
                new NormPlace("model.norm", false),
                new LinearSite(Site.HEAD, "lm_head", config.width(), config.vocabulary(), false, false),
                "",
                name -> name.endsWith(".rotary_emb.inv_freq"),
                1);
    }

    private Blueprint.Layer layer(int layer, String path) {
        Map<Normed, NormPlace> norms = new EnumMap<>(Normed.class);
        config.norm().widths().keySet().forEach(normed -> norms.put(normed, new NormPlace(path + name(normed), false)));
        return new Blueprint.Layer(
                norms, maps.stream().map(map -> site(layer, map, path)).toList());
    }

    /** The second norm of a layer of Llama has a name that other families use for what it says. */
    private String name(Normed normed) {
        return switch (normed) {
            case ATTENTION_INPUT -> "input_layernorm";
            case QUERY -> "self_attn.q_norm";
            case KEY -> "self_attn.k_norm";
            case ATTENTION_OUTPUT -> "post_attention_layernorm";
            case FEED_FORWARD_INPUT ->
                config.norm().widths().containsKey(Normed.ATTENTION_OUTPUT)
                        ? "pre_feedforward_layernorm"
                        : "post_attention_layernorm";
            case FEED_FORWARD_OUTPUT -> "post_feedforward_layernorm";
        };
    }

    private LinearSite site(int layer, Projection map, String path) {
        int width = config.width();
        int inner = config.feedForward();
        int query = config.attention().queryWidth();
        int other = config.attention().keyValueWidth();
        return switch (map) {
            case QUERY -> site(layer, map, path + "self_attn.q_proj", width, query);
            case KEY -> site(layer, map, path + "self_attn.k_proj", width, other);
            case VALUE -> site(layer, map, path + "self_attn.v_proj", width, other);
            case QUERY_KEY_VALUE -> site(layer, map, path + "self_attn.qkv_proj", width, query + 2 * other);
            case ATTENTION_OUTPUT -> site(layer, map, path + "self_attn.o_proj", query, width);
            case GATE -> site(layer, map, path + "mlp.gate_proj", width, inner);
            case UP -> site(layer, map, path + "mlp.up_proj", width, inner);
            case GATE_UP -> site(layer, map, path + "mlp.gate_up_proj", width, 2 * inner);
            case DOWN -> site(layer, map, path + "mlp.down_proj", inner, width);
            case EMBEDDING, QUERY_KEY_VALUE_BY_HEAD, HEAD ->
                throw new IllegalArgumentException("no layer of this layout has " + map);
        };
    }

    private LinearSite site(int layer, Projection map, String path, int in, int out) {
        return new LinearSite(new Site(layer, map), path, in, out, false, biased.contains(map));
    }
}
