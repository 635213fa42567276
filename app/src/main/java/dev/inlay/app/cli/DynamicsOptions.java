package dev.inlay.app.cli;

import dev.inlay.app.experiments.dynamics.Setting;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags of a simulation's setting; what is not given has the setting's default. */
final class DynamicsOptions {
    @Option(
            names = "--space",
            paramLabel = "NAME",
            description =
                    "rescaled, euclidean, sphere, linear (no attention) or \"feed-forward relu MATRIX\" (also tanh,"
                            + " gelu).")
    private @Nullable String space;

    @Option(
            names = "--normalisation",
            paramLabel = "NAME",
            description = "On the sphere: post, \"pre LENGTH\", \"peri LENGTH\", \"mix TIME LENGTH\", \"ngpt ALPHA\" or"
                    + " sqrt.")
    private @Nullable String normalisation;

    @Option(names = "--rule", paramLabel = "NAME", description = "softmax, hardmax, kernel or \"sinkhorn N\".")
    private @Nullable String rule;

    @Option(names = "--causal", paramLabel = "BOOL", description = "Whether tokens see earlier ones only.")
    private @Nullable String causal;

    @Option(names = "--beta", paramLabel = "X", description = "Inverse temperature.")
    private @Nullable String beta;

    @Option(names = "--tokens", paramLabel = "N", description = "Number of tokens.")
    private @Nullable String tokens;

    @Option(names = "--dimension", paramLabel = "N", description = "Their dimension.")
    private @Nullable String dimension;

    @Option(names = "--heads", paramLabel = "N", description = "Number of heads that add.")
    private @Nullable String heads;

    @Option(
            names = "--score",
            paramLabel = "MATRIX",
            description =
                    "A = Q'K: identity, zero, \"diagonal 1 0.5\", rows \"1 0; 0 1\", \"uniform 0 1\", gaussian, psd,"
                            + " symmetric, sparse or \"model DIRECTORY layer L head H\". Of all heads, each drawn by"
                            + " itself, or one text for each with | between.")
    private @Nullable String score;

    @Option(names = "--value", paramLabel = "MATRIX", description = "V, likewise; also -identity.")
    private @Nullable String value;

    @Option(
            names = "--resample",
            paramLabel = "TIME",
            description = "Draw score and value anew so often, where they are drawn; never: once.")
    private @Nullable String resample;

    @Option(
            names = "--start",
            paramLabel = "TOKENS",
            description = "\"uniform -1 1\", gaussian, sphere, orthogonal, or rows \"1 0; 0.2 0.9\".")
    private @Nullable String start;

    @Option(
            names = "--change",
            paramLabel = "CHANGE",
            description =
                    "Of the second run: query, key, score, value or output, then \"diagonal K C\", \"constant C\","
                            + " \"eigenvector K MU\", \"gap C\", \"gaussian RANK ALPHA\", \"random RANK ETA\" or \"set"
                            + " MATRIX\"; behind it \"aside\" (nothing along the first eigenvector), \"norm X\" or"
                            + " \"frobenius X\". Several have \"and\" between. At the end \"per-layer\" draws it anew for"
                            + " each step, \"from T1 until T2\" is when it acts; before it \"head H\" names a head, from 0"
                            + " on, else it is the first. \"adapter DIRECTORY\": of a model's head. none: no second run.")
    private @Nullable String change;

    @Option(
            names = "--scheme",
            paramLabel = "NAME",
            description = "adaptive, reference, rk4, euler (as published), projected-euler, geodesic, exponential or"
                    + " \"euler-maruyama NOISE\".")
    private @Nullable String scheme;

    @Option(names = "--step", paramLabel = "X", description = "Of schemes with fixed steps.")
    private @Nullable String step;

    @Option(names = "--time", paramLabel = "X", description = "How long.")
    private @Nullable String time;

    @Option(names = "--delta", paramLabel = "X", description = "Within which a token belongs to a cluster.")
    private @Nullable String delta;

    @Option(names = "--seed", paramLabel = "N", description = "numpy's seed of all that is drawn.")
    private @Nullable String seed;

    /** The texts that are given. */
    Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        put(texts, "space", space);
        put(texts, "normalisation", normalisation);
        put(texts, "rule", rule);
        put(texts, "causal", causal);
        put(texts, "beta", beta);
        put(texts, "tokens", tokens);
        put(texts, "dimension", dimension);
        put(texts, "heads", heads);
        put(texts, "score", score);
        put(texts, "value", value);
        put(texts, "resample", resample);
        put(texts, "start", start);
        put(texts, "change", change);
        put(texts, "scheme", scheme);
        put(texts, "step", step);
        put(texts, "time", time);
        put(texts, "delta", delta);
        put(texts, "seed", seed);
        return texts;
    }

    Setting setting() {
        return Setting.of(texts());
    }

    private static void put(Map<String, String> texts, String name, @Nullable String text) {
        if (text != null) {
            texts.put(name, text);
        }
    }
}
