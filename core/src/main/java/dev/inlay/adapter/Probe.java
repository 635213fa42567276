package dev.inlay.adapter;

import dev.inlay.InlayException;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.DecoderConfig;
import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;
import dev.inlay.model.Pass;
import dev.inlay.model.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A few fixed rows of tokens on which models and adapters are compared by their logits. The same vocabulary and context
 * give the same rows.
 *
 * @param rows what to run
 */
public record Probe(Rows rows) {
    private static final int ROWS = 4;
    private static final int LENGTH = 16;
    private static final long SEED = 20_210_617;

    /** Tokens drawn evenly from the vocabulary, in four rows of descending length, at most {@value #LENGTH}. */
    public static Probe of(DecoderConfig config) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<int[]> rows = new ArrayList<>();
        for (int row = 0; row < ROWS; row++) {
            int length = Math.min(LENGTH - row, config.contextLength());
            rows.add(random.ints(length, 0, config.vocabulary()).toArray());
        }
        return new Probe(Rows.of(rows));
    }

    /**
     * @return [tokens, vocabulary] in the decoder's element type
     */
    public Tensor logits(Decoder decoder, List<? extends Intervention> interventions) {
        try (Scope scope = Scope.open()) {
            Pass pass = Pass.over(rows, interventions);
            return scope.keep(decoder.logits(decoder.hidden(pass), pass));
        }
    }

    /** What an adapter changes: the logits without it against those with it. */
    public LogitDifference effect(Decoder decoder, Adapter adapter) {
        return effect(decoder, Parts.of(adapter));
    }

    /** What all of an adapter changes, where its gate is open. */
    public LogitDifference effect(Decoder decoder, Parts parts) {
        try (Scope scope = Scope.open()) {
            List<Intervention> open = parts.with(Gate.OPEN).on(decoder);
            return LogitDifference.between(logits(decoder, List.of()), logits(decoder, open));
        }
    }

    /**
     * Proves that an adapter does something.
     *
     * @return what it changes
     * @throws InlayException if no logit changes, or one is no number
     */
    public LogitDifference requireEffect(Decoder decoder, Parts parts) {
        LogitDifference effect = effect(decoder, parts);
        if (effect.isZero()) {
            throw InlayException.diverged(
                    "the adapter changes none of the %d probed logits: its factors are zero, or nothing reads them",
                    (long) rows.tokens() * decoder.config().vocabulary());
        }
        if (!Double.isFinite(effect.divergence())) {
            throw InlayException.diverged("with the adapter the model's logits are not finite; do not use it");
        }
        return effect;
    }
}
