package dev.inlay.model;

import dev.inlay.engine.Attention.Scoring;
import dev.inlay.model.DecoderConfig.AttentionShape;
import dev.inlay.model.DecoderConfig.Multipliers;
import dev.inlay.model.DecoderConfig.Nonlinearity;
import dev.inlay.model.DecoderConfig.Norm;
import dev.inlay.model.DecoderConfig.Normed;
import dev.inlay.model.DecoderConfig.Sight;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A configuration in the making: the sizes, and then what a family does otherwise than Llama. */
final class DecoderDraft {
    final int vocabulary;
    final int width;
    final int feedForward;
    final int contextLength;
    final AttentionShape attention;

    private final String family;
    private Scoring scoring;
    private List<Sight> sights;
    private Norm norm;
    private boolean learnedPositions;
    private Nonlinearity activation = Nonlinearity.SILU;
    private boolean gated = true;
    private boolean parallel;
    private Multipliers multipliers = Multipliers.NONE;
    private double logitCap = Double.POSITIVE_INFINITY;
    private boolean tiedHead;

    DecoderDraft(
            String family,
            int vocabulary,
            int width,
            int feedForward,
            int contextLength,
            AttentionShape attention,
            int layers) {
        this.family = family;
        this.vocabulary = vocabulary;
        this.width = width;
        this.feedForward = feedForward;
        this.contextLength = contextLength;
        this.attention = attention;
        this.scoring = Scoring.scaled(1 / Math.sqrt(attention.headDim()));
        this.sights = Collections.nCopies(layers, new Sight(Sight.ALL, null));
        this.norm = new Norm(Norm.Kind.ROOT_MEAN_SQUARE, 1e-6, Map.of());
    }

    /**
     * Reads the sizes under the names that Llama gave them.
     *
     * @param headDim width of a head where {@code head_dim} is absent; 0 for hidden / heads
     */
    static DecoderDraft read(ConfigReader json, String family, int headDim) {
        int width = json.width("hidden_size");
        int heads = json.width("num_attention_heads");
        int absent = headDim > 0 || json.has("head_dim") ? headDim : json.perHead(width, heads);
        return new DecoderDraft(
                family,
                json.vocabulary("vocab_size"),
                width,
                json.width("intermediate_size"),
                json.context("max_position_embeddings"),
                new AttentionShape(
                        heads, json.keyValueHeads("num_key_value_heads", heads), json.width("head_dim", absent)),
                json.layers("num_hidden_layers"));
    }

    int layers() {
        return sights.size();
    }

    DecoderDraft scoring(Scoring value) {
        scoring = value;
        return this;
    }

    DecoderDraft sights(List<Sight> value) {
        sights = value;
        return this;
    }

    /** Every layer sees everything and turns by the same frequencies. */
    DecoderDraft rotary(@Nullable RotaryFrequencies frequencies) {
        return sights(Collections.nCopies(layers(), new Sight(Sight.ALL, frequencies)));
    }

    /** Layers with windows of their own that turn by the same frequencies. */
    DecoderDraft windows(List<Integer> windows, RotaryFrequencies frequencies) {
        return sights(
                windows.stream().map(window -> new Sight(window, frequencies)).toList());
    }

    /** @param normed of them {@code QUERY} and {@code KEY} head by head */
    DecoderDraft norm(Norm.Kind kind, double epsilon, Normed... normed) {
        Map<Normed, Integer> widths = new EnumMap<>(Normed.class);
        for (Normed place : normed) {
            widths.put(place, place == Normed.QUERY || place == Normed.KEY ? attention.headDim() : width);
        }
        norm = new Norm(kind, epsilon, widths);
        return this;
    }

    DecoderDraft norm(Norm value) {
        norm = value;
        return this;
    }

    DecoderDraft learnedPositions() {
        learnedPositions = true;
        return this;
    }

    DecoderDraft activation(Nonlinearity value) {
        activation = value;
        return this;
    }

    DecoderDraft ungated() {
        gated = false;
        return this;
    }

    DecoderDraft parallel(boolean value) {
        parallel = value;
        return this;
    }

    DecoderDraft multipliers(Multipliers value) {
        multipliers = value;
        return this;
    }

    DecoderDraft logitCap(double value) {
        logitCap = value;
        return this;
    }

    DecoderDraft tiedHead(boolean value) {
        tiedHead = value;
        return this;
    }

    DecoderConfig finish() {
        return new DecoderConfig(
                family,
                vocabulary,
                width,
                feedForward,
                contextLength,
                attention,
                scoring,
                sights,
                norm,
                learnedPositions,
                activation,
                gated,
                parallel,
                multipliers,
                logitCap,
                tiedHead);
    }
}
