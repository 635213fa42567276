package dev.inlay.model;

import dev.inlay.engine.Activations;
import dev.inlay.engine.Attention;
import dev.inlay.engine.Linear;
import dev.inlay.engine.Norms;
import dev.inlay.engine.Rotation;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Visibility;
import dev.inlay.model.Attending.Heads;
import dev.inlay.model.DecoderConfig.AttentionShape;
import dev.inlay.model.DecoderConfig.Normed;
import dev.inlay.model.DecoderConfig.Sight;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One layer of a decoder: {@code x + attention(norm x)}, then {@code x + feed_forward(norm x)}. Families differ in which
 * norms there are, in fixed multipliers, and in whether feed-forward reads what attention leaves or what it reads.
 */
final class Block {
    /**
     * What the layers of one pass share.
     *
     * @param views by the sights of the layers
     */
    record Run(Pass pass, Map<Sight, View> views) {
        View view(Sight sight) {
            View view = views.get(sight);
            if (view == null) {
                throw new IllegalArgumentException("this run was not made for " + sight);
            }
            return view;
        }
    }

    /**
     * How the tokens of a pass see each other in some of its layers.
     *
     * @param rotation of queries and keys, or null for none
     * @param visibilities one per row
     * @param shared keys that rows share; null where each row meets all its keys by itself
     */
    record View(
            @Nullable Rotation rotation,
            List<Visibility> visibilities,
            @Nullable SharedKeys shared) {
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

    /** The view of this layer's tokens. */
    View view(Run run) {
        return run.view(config.sights().get(layer));
    }

    /**
     * @param x [tokens, width]
     * @return [tokens, width]
     */
    Tensor apply(Tensor x, Run run) {
        try (Scope scope = Scope.open()) {
            Tensor start = seen(Stream.RESIDUAL, x, run);
            Tensor middle = seen(Stream.RESIDUAL_MIDDLE, start.plus(attention(start, run)), run);
            Tensor fed = feedForward(config.parallel() ? start : middle, run);
            return scope.keep(seen(Stream.RESIDUAL_END, middle.plus(fed), run));
        }
    }

    /**
     * Only what later tokens need of this layer if no layer follows it: its keys and values.
     *
     * @param x [tokens, width]
     * @param history that of the pass
     */
    void read(Tensor x, History history, Run run) {
        try (Scope scope = Scope.open()) {
            Heads heads = heads(attentionInput(seen(Stream.RESIDUAL, x, run), run), run);
            Rows rows = run.pass().rows();
            for (int row = 0; row < rows.count(); row++) {
                Heads own = heads.narrow(rows.start(row), rows.length(row));
                history.extend(layer, row, own.keys(), own.values());
            }
        }
    }

    /** The norm of this part of the layer, over as many elements at a time as its weight has; x where there is none. */
    private Tensor normed(Normed which, Tensor x) {
        DecoderWeights.NormWeights norm = weights.norms().get(which);
        if (norm == null) {
            return x;
        }
        long width = norm.weight().size(0);
        return width == x.size(1)
                ? norm(config.norm(), norm, x)
                : norm(config.norm(), norm, x.reshape(-1, width)).reshape(x.shape());
    }

    static Tensor norm(DecoderConfig.Norm kind, DecoderWeights.NormWeights norm, Tensor x) {
        return kind.kind() == DecoderConfig.Norm.Kind.LAYER
                ? Norms.layer(x, norm.weight(), norm.bias(), kind.epsilon())
                : Norms.rms(x, norm.weight(), kind.epsilon());
    }

    /** What a part of the layer adds to the residual stream. */
    private Tensor output(Stream stream, Normed which, Tensor x, Run run) {
        Tensor normal = normed(which, x);
        double multiplier = config.multipliers().residual();
        return seen(stream, multiplier == 1 ? normal : normal.times(multiplier), run);
    }

    // ------------------------------------------------------------------ attention

    private Tensor attention(Tensor residual, Run run) {
        Tensor input = attentionInput(residual, run);
        Heads heads = heads(input, run);
        Mixing mixing = run.pass().mixing();
        Tensor mixed = (mixing == null ? perRow(heads, run) : mixing.mix(attending(input, heads, run)))
                .reshape(residual.size(0), config.attention().queryWidth());
        Tensor mix = seen(Stream.ATTENTION_MIX, mixed, run);
        Tensor y = project(Projection.ATTENTION_OUTPUT, mix, run);
        return output(Stream.ATTENTION_OUTPUT, Normed.ATTENTION_OUTPUT, y, run);
    }

    private Tensor attentionInput(Tensor residual, Run run) {
        return seen(Stream.ATTENTION_NORM, normed(Normed.ATTENTION_INPUT, residual), run);
    }

    private Attending attending(Tensor input, Heads heads, Run run) {
        return new Attending(
                layer,
                run.pass(),
                config.sights().get(layer).window(),
                config.scoring(),
                heads,
                others -> heads(input, new Run(run.pass().with(others), run.views())),
                row -> attend(row, heads, run));
    }

    private Heads heads(Tensor x, Run run) {
        AttentionShape shape = config.attention();
        List<Tensor> qkv = queriesKeysValues(x, run);
        Tensor query = heads(normed(Normed.QUERY, qkv.get(0)), shape.heads());
        Tensor key = heads(normed(Normed.KEY, qkv.get(1)), shape.keyValueHeads());
        Tensor q = rotated(seen(Stream.QUERY, query, run), run);
        Tensor k = rotated(seen(Stream.KEY, key, run), run);
        Tensor v = seen(Stream.VALUE, heads(qkv.get(2), shape.keyValueHeads()), run);
        return new Heads(q, k, v);
    }

    private List<Tensor> queriesKeysValues(Tensor x, Run run) {
        AttentionShape shape = config.attention();
        if (weights.has(Projection.QUERY_KEY_VALUE)) {
            long other = shape.keyValueWidth();
            return split(project(Projection.QUERY_KEY_VALUE, x, run), shape.queryWidth(), other, other);
        }
        if (weights.has(Projection.QUERY_KEY_VALUE_BY_HEAD)) {
            Tensor all = project(Projection.QUERY_KEY_VALUE_BY_HEAD, x, run);
            long width = shape.headDim();
            Tensor byHead = all.reshape(x.size(0) * shape.heads(), 3 * width);
            return split(byHead, width, width, width).stream()
                    .map(part -> part.reshape(x.size(0), shape.queryWidth()))
                    .toList();
        }
        return List.of(
                project(Projection.QUERY, x, run), project(Projection.KEY, x, run), project(Projection.VALUE, x, run));
    }

    /** Columns that a fused map made side by side. */
    private static List<Tensor> split(Tensor all, long... widths) {
        List<Tensor> parts = new ArrayList<>();
        long start = 0;
        for (long width : widths) {
            parts.add(all.narrow(1, start, width));
            start += width;
        }
        return parts;
    }

    /** [tokens, heads * head_dim] to [tokens, heads, head_dim]. */
    private Tensor heads(Tensor x, int heads) {
        return x.reshape(x.size(0), heads, config.attention().headDim());
    }

    private Tensor rotated(Tensor x, Run run) {
        Rotation rotation = view(run).rotation();
        return rotation == null ? x : rotation.apply(x);
    }

    /** Attention of each row by itself; [tokens, heads, head_dim]. */
    private Tensor perRow(Heads heads, Run run) {
        Rows rows = run.pass().rows();
        SharedKeys shared = view(run).shared();
        History history = run.pass().history();
        if (shared != null && history != null) {
            return shared.mix(layer, heads.queries(), heads.keys(), heads.values(), history, config.scoring());
        }
        if (rows.count() == 1) {
            return attend(0, heads, run);
        }
        List<Tensor> mixed = new ArrayList<>();
        for (int row = 0; row < rows.count(); row++) {
            mixed.add(attend(row, heads, run));
        }
        return Tensor.concat(0, mixed);
    }

    private Tensor attend(int row, Heads heads, Run run) {
        Rows rows = run.pass().rows();
        Heads own = rows.count() == 1 ? heads : heads.narrow(rows.start(row), rows.length(row));
        Tensor q = own.queries();
        List<Tensor> all = extended(row, own.keys(), own.values(), run);
        Tensor keys = all.get(0);
        Tensor values = all.get(1);
        Visibility visibility = view(run).visibilities().get(row);
        Attention.Scoring scoring = config.scoring();
        if (!run.pass().watches(Stream.ATTENTION_SCORES) && !run.pass().watches(Stream.ATTENTION_WEIGHTS)) {
            // What a history holds was computed without gradients.
            return Attention.apply(q, keys, values, scoring, visibility, keys.size(0) - q.size(0));
        }
        Tensor scores = seen(Stream.ATTENTION_SCORES, row, Attention.scores(q, keys, scoring, visibility), run);
        return Attention.mix(seen(Stream.ATTENTION_WEIGHTS, row, scores.softmax(), run), values);
    }

    /** Keys and values with those of the history; the history takes them. */
    private List<Tensor> extended(int row, Tensor k, Tensor v, Run run) {
        History history = run.pass().history();
        if (history == null) {
            return List.of(k, v);
        }
        List<Tensor> own = history.extend(layer, row, k, v);
        List<Past.Layer> links =
                history.links(row).stream().map(link -> link.layer(layer)).toList();
        return links.isEmpty()
                ? own
                : List.of(
                        behind(links.stream().map(Past.Layer::keys), own.get(0)),
                        behind(links.stream().map(Past.Layer::values), own.get(1)));
    }

    private static Tensor behind(java.util.stream.Stream<Tensor> shared, Tensor own) {
        return Tensor.concat(
                0,
                java.util.stream.Stream.concat(shared, java.util.stream.Stream.of(own))
                        .toList());
    }

    // ------------------------------------------------------------------ feed-forward

    private Tensor feedForward(Tensor residual, Run run) {
        Tensor x = seen(Stream.FEED_FORWARD_NORM, normed(Normed.FEED_FORWARD_INPUT, residual), run);
        Tensor activated = config.gated()
                ? gated(x, run)
                : activate(seen(Stream.FEED_FORWARD_INPUT, project(Projection.UP, x, run), run));
        Tensor inner = seen(Stream.FEED_FORWARD_ACTIVATION, activated, run);
        Tensor y = project(Projection.DOWN, inner, run);
        return output(Stream.FEED_FORWARD_OUTPUT, Normed.FEED_FORWARD_OUTPUT, y, run);
    }

    private Tensor gated(Tensor x, Run run) {
        List<Tensor> parts = weights.has(Projection.GATE_UP)
                ? split(project(Projection.GATE_UP, x, run), config.feedForward(), config.feedForward())
                : List.of(project(Projection.GATE, x, run), project(Projection.UP, x, run));
        Tensor gate = seen(Stream.FEED_FORWARD_INPUT, parts.get(0), run);
        Tensor up = parts.get(1);
        return config.activation() == DecoderConfig.Nonlinearity.SILU
                ? Activations.siluGate(gate, up)
                : activate(gate).times(up);
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
