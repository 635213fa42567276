package dev.inlay.model;

import dev.inlay.engine.Activations;
import dev.inlay.engine.Attention;
import dev.inlay.engine.Linear;
import dev.inlay.engine.Norms;
import dev.inlay.engine.Rotation;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Visibility;
import dev.inlay.model.DecoderConfig.AttentionShape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One layer of a decoder: {@code x + attention(norm x)}, then {@code x + feed_forward(norm x)}. */
final class Block {
    /**
     * What all layers of one pass share.
     *
     * @param rotation of queries and keys, or null where positions are learned
     * @param visibilities one per row
     */
    record Run(Pass pass, @Nullable Rotation rotation, List<Visibility> visibilities) {
        /** What a layer reads besides its input and the weights. */
        List<Tensor> tensors() {
            List<Tensor> all = new ArrayList<>(rotation == null ? List.of() : rotation.tensors());
            visibilities.forEach(visibility -> all.addAll(visibility.tensors()));
            return all;
        }
    }

    private final int layer;
    private final DecoderConfig config;
    private final DecoderWeights.Layer weights;

    Block(int layer, DecoderConfig config, DecoderWeights.Layer weights) {
        this.layer = layer;
        this.config = config;
        this.weights = weights;
    }

    /**
     * @param x [tokens, width]
     * @return [tokens, width]
     */
    Tensor apply(Tensor x, Run run) {
        try (Scope scope = Scope.open()) {
            Tensor start = seen(Stream.RESIDUAL, x, run);
            Tensor attended = attention(norm(Stream.ATTENTION_NORM, weights.attentionNorm(), start, run), run);
            Tensor middle = seen(Stream.RESIDUAL_MIDDLE, start.plus(attended), run);
            Tensor fed = feedForward(norm(Stream.FEED_FORWARD_NORM, weights.feedForwardNorm(), middle, run), run);
            return scope.keep(seen(Stream.RESIDUAL_END, middle.plus(fed), run));
        }
    }

    private Tensor norm(Stream stream, DecoderWeights.NormWeights norm, Tensor x, Run run) {
        return seen(stream, norm(config.norm(), norm, x), run);
    }

    static Tensor norm(DecoderConfig.Norm kind, DecoderWeights.NormWeights norm, Tensor x) {
        return kind.kind() == DecoderConfig.Norm.Kind.LAYER
                ? Norms.layer(x, norm.weight(), norm.bias(), kind.epsilon())
                : Norms.rms(x, norm.weight(), kind.epsilon());
    }

    // ------------------------------------------------------------------ attention

    private Tensor attention(Tensor x, Run run) {
        AttentionShape shape = config.attention();
        List<Tensor> qkv = queriesKeysValues(x, run);
        Tensor q = rotated(seen(Stream.QUERY, heads(qkv.get(0), shape.heads()), run), run);
        Tensor k = rotated(seen(Stream.KEY, heads(qkv.get(1), shape.keyValueHeads()), run), run);
        Tensor v = seen(Stream.VALUE, heads(qkv.get(2), shape.keyValueHeads()), run);
        Tensor mixed = perRow(q, k, v, run).reshape(x.size(0), (long) shape.heads() * shape.headDim());
        Tensor mix = seen(Stream.ATTENTION_MIX, mixed, run);
        return seen(Stream.ATTENTION_OUTPUT, project(Projection.ATTENTION_OUTPUT, mix, run), run);
    }

    private List<Tensor> queriesKeysValues(Tensor x, Run run) {
        if (!weights.has(Projection.QUERY_KEY_VALUE)) {
            return List.of(
                    project(Projection.QUERY, x, run),
                    project(Projection.KEY, x, run),
                    project(Projection.VALUE, x, run));
        }
        Tensor all = project(Projection.QUERY_KEY_VALUE, x, run);
        AttentionShape shape = config.attention();
        long query = (long) shape.heads() * shape.headDim();
        long other = (long) shape.keyValueHeads() * shape.headDim();
        return List.of(all.narrow(1, 0, query), all.narrow(1, query, other), all.narrow(1, query + other, other));
    }

    /** [tokens, heads * head_dim] to [tokens, heads, head_dim]. */
    private Tensor heads(Tensor x, int heads) {
        return x.reshape(x.size(0), heads, config.attention().headDim());
    }

    private static Tensor rotated(Tensor x, Run run) {
        Rotation rotation = run.rotation();
        return rotation == null ? x : rotation.apply(x);
    }

    /** Attention of each row by itself; [tokens, heads, head_dim]. */
    private Tensor perRow(Tensor q, Tensor k, Tensor v, Run run) {
        Rows rows = run.pass().rows();
        if (rows.count() == 1) {
            return attend(0, q, k, v, run);
        }
        List<Tensor> mixed = new ArrayList<>();
        for (int row = 0; row < rows.count(); row++) {
            int start = rows.start(row);
            int length = rows.length(row);
            mixed.add(attend(
                    row, q.narrow(0, start, length), k.narrow(0, start, length), v.narrow(0, start, length), run));
        }
        return Tensor.concat(0, mixed);
    }

    private Tensor attend(int row, Tensor q, Tensor k, Tensor v, Run run) {
        KvCache cache = run.pass().cache();
        Tensor keys = k;
        Tensor values = v;
        if (cache != null) {
            List<Tensor> history = cache.extend(layer, row, k, v);
            keys = history.get(0);
            values = history.get(1);
        }
        Visibility visibility = run.visibilities().get(row);
        double scale = config.attention().scale();
        if (!run.pass().watches(Stream.ATTENTION_SCORES) && !run.pass().watches(Stream.ATTENTION_WEIGHTS)) {
            return Attention.apply(q, keys, values, scale, visibility);
        }
        Tensor scores = seen(Stream.ATTENTION_SCORES, row, Attention.scores(q, keys, scale, visibility), run);
        return Attention.mix(seen(Stream.ATTENTION_WEIGHTS, row, scores.softmax(), run), values);
    }

    // ------------------------------------------------------------------ feed-forward

    private Tensor feedForward(Tensor x, Run run) {
        Tensor activated;
        if (config.gated()) {
            Tensor gate = seen(Stream.FEED_FORWARD_INPUT, project(Projection.GATE, x, run), run);
            Tensor up = project(Projection.UP, x, run);
            activated = config.activation() == DecoderConfig.Nonlinearity.SILU
                    ? Activations.siluGate(gate, up)
                    : activate(gate).times(up);
        } else {
            activated = activate(seen(Stream.FEED_FORWARD_INPUT, project(Projection.UP, x, run), run));
        }
        Tensor inner = seen(Stream.FEED_FORWARD_ACTIVATION, activated, run);
        return seen(Stream.FEED_FORWARD_OUTPUT, project(Projection.DOWN, inner, run), run);
    }

    private Tensor activate(Tensor x) {
        return switch (config.activation()) {
            case SILU -> Activations.silu(x);
            case GELU -> Activations.gelu(x);
            case GELU_TANH -> Activations.geluTanh(x);
            case RELU -> Activations.relu(x);
        };
    }

    // ------------------------------------------------------------------ the seam

    private Tensor project(Projection projection, Tensor x, Run run) {
        return project(new Site(layer, projection), weights.linear(projection), x, run.pass());
    }

    static Tensor project(Site site, DecoderWeights.Affine map, Tensor x, Pass pass) {
        return changed(site, x, Linear.apply(x, map.weight(), map.bias()), pass);
    }

    /** What the interventions make of a map's output. */
    static Tensor changed(Site site, Tensor x, Tensor output, Pass pass) {
        Tensor y = output;
        for (Intervention intervention : pass.interventions()) {
            y = intervention.project(site, x, y, pass);
        }
        return y;
    }

    private Tensor seen(Stream stream, Tensor value, Run run) {
        return seen(stream, 0, value, run);
    }

    private Tensor seen(Stream stream, int row, Tensor value, Run run) {
        return seen(new Activation(layer, stream, row), value, run.pass());
    }

    static Tensor seen(Activation where, Tensor value, Pass pass) {
        if (!pass.watches(where.stream())) {
            return value;
        }
        Tensor y = value;
        for (Intervention intervention : pass.interventions()) {
            if (intervention.streams().contains(where.stream())) {
                y = intervention.at(where, y, pass);
            }
        }
        return y;
    }
}
