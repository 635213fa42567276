package dev.inlay.model.generation;

import static dev.inlay.InlayException.require;

/**
 * How the next token is chosen from its logits. The processors apply in the order of transformers' {@code generate}:
 * repetition penalty, temperature, top-k, top-p, min-p; then one token is drawn from the softmax of what is left.
 *
 * @param temperature divides the logits; 0 takes the best token (the lowest id of equals), and the filters do nothing
 * @param topK only the so many best tokens, with all that equal the last of them; 0 for all
 * @param topP only the best tokens that reach this share of the probability together, in (0, 1]; 1 for all
 * @param minP only tokens with at least this share of the best one's probability, in [0, 1]; 0 for all
 * @param repetitionPenalty divides positive logits of tokens that the row has already, prompt included, and multiplies
 *     negative ones (Keskar et al. 2019, section 4.1); 1 for none
 * @param seed of the draws; a draw depends on the seed, the row's number and the step alone
 */
public record Sampling(double temperature, int topK, double topP, double minP, double repetitionPenalty, long seed) {
    public Sampling {
        require(
                temperature == 0 || (temperature >= 1e-6 && temperature <= 1e6),
                "temperature must be from 1e-6 to 1e6, or 0 for the best token, was %s",
                temperature);
        require(topK >= 0, "top-k must not be negative, was %d; 0 keeps all tokens", topK);
        require(topP > 0 && topP <= 1, "top-p must be above 0 and at most 1, was %s; 1 keeps all tokens", topP);
        require(minP >= 0 && minP <= 1, "min-p must be from 0 to 1, was %s; 0 keeps all tokens", minP);
        require(
                repetitionPenalty >= 0.01 && repetitionPenalty <= 100,
                "the repetition penalty must be from 0.01 to 100, was %s; 1 does nothing",
                repetitionPenalty);
    }

    /** Always the best token. */
    public static Sampling greedy() {
        return new Sampling(0, 0, 1, 0, 1, 0);
    }

    /** Draws from the whole distribution. */
    public static Sampling of(double temperature, long seed) {
        return new Sampling(temperature, 0, 1, 0, 1, seed);
    }

    public Sampling withTopK(int k) {
        return new Sampling(temperature, k, topP, minP, repetitionPenalty, seed);
    }

    public Sampling withTopP(double p) {
        return new Sampling(temperature, topK, p, minP, repetitionPenalty, seed);
    }

    public Sampling withMinP(double p) {
        return new Sampling(temperature, topK, topP, p, repetitionPenalty, seed);
    }

    public Sampling withRepetitionPenalty(double penalty) {
        return new Sampling(temperature, topK, topP, minP, penalty, seed);
    }

    public Sampling withSeed(long other) {
        return new Sampling(temperature, topK, topP, minP, repetitionPenalty, other);
    }

    /** Whether the seed plays no part. */
    public boolean isGreedy() {
        return temperature == 0;
    }
}
