package dev.inlay.model;

import dev.inlay.InlayException;
import dev.inlay.engine.Activations;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Recomputation;
import dev.inlay.engine.Rotation;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Visibility;
import dev.inlay.model.DecoderConfig.Sight;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A decoder-only transformer: from tokens to hidden states to logits.
 *
 * <p>Immutable and safe for many threads: what changes (the cache, who intervenes) comes with the {@link Pass}. Owns its
 * weights in native memory: close it. All values are {@code [tokens, width]}; see {@link Rows} for why there is no batch
 * dimension.
 */
public final class Decoder implements AutoCloseable {
    private final DecoderConfig config;
    private final Blueprint blueprint;
    private final DecoderWeights weights;
    private final Scope owner;
    private final List<Block> blocks = new ArrayList<>();

    Decoder(DecoderConfig config, Blueprint blueprint, DecoderWeights weights, Scope owner) {
        this.config = config;
        this.blueprint = blueprint;
        this.weights = weights;
        this.owner = owner;
        for (int layer = 0; layer < config.layers(); layer++) {
            blocks.add(new Block(layer, config, weights.layers().get(layer)));
        }
    }

    /** Loads a Hugging Face model directory in the element type of its files. */
    public static Decoder load(Path directory, Device device) {
        return ModelDirectory.open(directory).load(device);
    }

    /**
     * The same architecture computing with other weights, so that gradients reach those that are leaves; belongs to the
     * innermost scope and needs no closing.
     *
     * @param tensors all weights in the names and shapes of the family's checkpoints
     */
    public Decoder with(Map<String, Tensor> tensors) {
        return new Decoder(config, blueprint, Assembly.of(config, blueprint, tensors), Scope.detached());
    }

    public DecoderConfig config() {
        return config;
    }

    /** Element type of the weights, and so of the residual stream. */
    public DType dtype() {
        return weights.embedding().dtype();
    }

    public Device device() {
        return weights.embedding().device();
    }

    /** Every linear map, in the order of computation, the head last. */
    public List<LinearSite> sites() {
        return blueprint.linears();
    }

    /**
     * The weight of a linear map, for analysis and for changes that depend on it.
     *
     * @return [out, in], the decoder's own memory
     */
    public Tensor weight(Site site) {
        if (site.equals(Site.EMBEDDING)) {
            return weights.embedding().transposed();
        }
        return site.equals(Site.HEAD)
                ? weights.head().weight()
                : weights.layers().get(site.layer()).linear(site.projection()).weight();
    }

    /** The bias of a linear map, [out], owned by the decoder; empty if it has none. */
    public Optional<Tensor> bias(Site site) {
        return site.layer() < 0
                ? Optional.empty()
                : Optional.ofNullable(weights.layers()
                        .get(site.layer())
                        .linear(site.projection())
                        .bias());
    }

    /** {@link ValueDigest#checksum} of all weights as they are in memory now, each once. */
    public String checksum() {
        return ValueDigest.checksum(weights.tensors().stream().distinct().toList());
    }

    /** An empty history for so many rows. */
    public KvCache newCache(int rows) {
        return new KvCache(config, dtype(), device(), rows);
    }

    /**
     * Whether a row can go on by so many tokens from what its cache holds. It cannot where positions depend on the length
     * of the row and the cached ones would no longer hold (longrope, beyond its original context): then the row is computed
     * again, from its first token, after the cache's row is cut to nothing.
     */
    public boolean canContinue(KvCache cache, int row, int tokens) {
        return rotaries().allMatch(frequencies -> cache.holds(frequencies, row, cache.length(row) + tokens));
    }

    private java.util.stream.Stream<RotaryFrequencies> rotaries() {
        return config.sights().stream()
                .map(Sight::rotary)
                .filter(Objects::nonNull)
                .distinct();
    }

    /**
     * Runs the layers.
     *
     * @return [tokens, width], after the last norm: what {@link #logits} takes
     */
    public Tensor hidden(Pass pass) {
        return hidden(pass, false);
    }

    /** As {@link #hidden(Pass)}, keeping only the input of each layer for the gradient and computing the rest again. */
    public Tensor hiddenRecomputing(Pass pass) {
        return hidden(pass, true);
    }

    /**
     * Reads tokens for the sake of their keys and values, which the history of the pass takes: no hidden state, no logits,
     * and of the last layer nothing else.
     */
    public void read(Pass pass) {
        History history = pass.history();
        if (history == null) {
            throw new IllegalArgumentException("a pass without a history leaves no keys and values");
        }
        begin(pass);
        try (Scope scope = Scope.open()) {
            Block.Run run = new Block.Run(pass, views(pass));
            Tensor x = embed(pass);
            for (Block block : blocks.subList(0, blocks.size() - 1)) {
                Tensor before = x;
                x = block.apply(before, run);
                scope.drop(before);
            }
            blocks.get(blocks.size() - 1).read(x, history, run);
            history.advance(pass.rows());
        }
    }

    /** Checks a pass and makes room for it. */
    private void begin(Pass pass) {
        check(pass);
        if (pass.seen() != pass.rows().tokens()) {
            throw new IllegalArgumentException("the layers run all tokens of a pass, not some of them");
        }
        if (pass.history() != null) {
            pass.history().reserve(pass.rows());
        }
    }

    private Tensor hidden(Pass pass, boolean recomputing) {
        begin(pass);
        try (Scope scope = Scope.open()) {
            Block.Run run = new Block.Run(pass, views(pass));
            Tensor x = embed(pass);
            for (Block block : blocks) {
                Tensor before = x;
                x = recomputing
                        ? Recomputation.of(
                                value -> block.apply(value, run),
                                before,
                                block.view(run).tensors())
                        : block.apply(before, run);
                scope.drop(before);
            }
            if (pass.history() != null) {
                pass.history().advance(pass.rows());
            }
            Tensor normal = Block.norm(config.norm(), weights.finalNorm(), x);
            return scope.keep(Block.seen(new Activation(config.layers(), Stream.FINAL_NORM, 0), normal, pass));
        }
    }

    /**
     * The unembedding.
     *
     * @param hidden [seen, width]: the rows of {@link #hidden} at the places of the pass
     * @param pass the one that made them; {@link Pass#at} the places of these rows if they are not all
     * @return [seen, vocabulary]
     */
    public Tensor logits(Tensor hidden, Pass pass) {
        if (hidden.size(0) != pass.seen()) {
            throw new IllegalArgumentException(
                    hidden + " for " + pass.seen() + " tokens of the pass; say which they are with pass.at(places)");
        }
        Tensor y = Block.project(Site.HEAD, weights.head(), hidden, pass);
        double multiplier = config.multipliers().logits();
        return Activations.softCap(multiplier == 1 ? y : y.times(multiplier), config.logitCap());
    }

    private Tensor embed(Pass pass) {
        Tensor ids = Tensor.of(pass.rows().ids()).to(device());
        Tensor tokens =
                scaled(Block.changed(Site.EMBEDDING, ids, weights.embedding().rows(ids), pass));
        Tensor x = Block.seen(new Activation(0, Stream.TOKEN_EMBEDDING, 0), tokens, pass);
        Tensor table = weights.positions();
        if (table == null) {
            return x;
        }
        Tensor places = table.rows(Tensor.of(pass.positions()).to(device()));
        return x.plus(Block.seen(new Activation(0, Stream.POSITION_EMBEDDING, 0), places, pass));
    }

    /** The multiplier is rounded to the element type first, as it was when the models were trained. */
    private Tensor scaled(Tensor embeddings) {
        double multiplier = config.multipliers().embedding();
        return multiplier == 1 ? embeddings : embeddings.times(Tensor.full(multiplier, dtype(), device(), 1));
    }

    /** Layers of one sight share a view, and views share what is equal in them. */
    private Map<Sight, Block.View> views(Pass pass) {
        Map<RotaryFrequencies, Rotation> rotations = new HashMap<>();
        Map<List<Long>, Visibility> visibilities = new HashMap<>();
        Map<Sight, Block.View> views = new HashMap<>();
        for (Sight sight : new LinkedHashSet<>(config.sights())) {
            RotaryFrequencies rotary = sight.rotary();
            Rotation rotation = rotary == null
                    ? null
                    : rotations.computeIfAbsent(rotary, frequencies -> frequencies.at(pass, dtype(), device()));
            views.put(sight, view(pass, sight, rotation, visibilities));
        }
        return views;
    }

    /** Keys that rows share stay apart where all of them are seen, and nobody asks for the whole table of weights. */
    private Block.View view(
            Pass pass, Sight sight, @Nullable Rotation rotation, Map<List<Long>, Visibility> visibilities) {
        History history = pass.history();
        boolean watched = pass.watches(Stream.ATTENTION_SCORES) || pass.watches(Stream.ATTENTION_WEIGHTS);
        if (history == null || watched || !SharedKeys.isIn(pass) || sight.window() < longest(pass)) {
            return new Block.View(rotation, visibilities(pass, sight.window(), row -> 0, visibilities), null);
        }
        List<Visibility> own = visibilities(
                pass,
                sight.window(),
                row -> history.links(row).stream().mapToInt(Link::length).sum(),
                visibilities);
        return new Block.View(rotation, own, SharedKeys.of(pass, history, own, dtype(), device()));
    }

    private static int longest(Pass pass) {
        return IntStream.range(0, pass.rows().count())
                .map(row -> pass.firstPosition(row) + pass.rows().length(row))
                .max()
                .orElse(0);
    }

    /** @param apart how many of a row's first keys are not among them */
    private List<Visibility> visibilities(
            Pass pass, long window, IntUnaryOperator apart, Map<List<Long>, Visibility> made) {
        List<Visibility> result = new ArrayList<>();
        DecoderConfig.AttentionShape shape = config.attention();
        long group = shape.heads() / shape.keyValueHeads();
        for (int row = 0; row < pass.rows().count(); row++) {
            long queries = pass.rows().length(row);
            long keys = pass.firstPosition(row) - apart.applyAsInt(row) + queries;
            long seen = Math.min(window, keys);
            result.add(made.computeIfAbsent(
                    List.of(queries, keys, seen),
                    key -> Visibility.causal(queries, keys, seen, group, dtype(), device())));
        }
        return result;
    }

    private void check(Pass pass) {
        for (int id : pass.rows().ids()) {
            if (id < 0 || id >= config.vocabulary()) {
                throw InlayException.data(
                        "token id %d is outside the model's vocabulary of %d; use this model's tokenizer",
                        id, config.vocabulary());
            }
        }
        for (int row = 0; row < pass.rows().count(); row++) {
            int end = pass.firstPosition(row) + pass.rows().length(row);
            if (end > config.contextLength()) {
                throw InlayException.data(
                        "row %d reaches %d tokens, the model's context holds %d; shorten it",
                        row, end, config.contextLength());
            }
        }
        rotaries().forEach(frequencies -> frequencies.check(pass));
    }

    @Override
    public void close() {
        owner.close();
    }
}
