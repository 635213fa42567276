package dev.inlay.app.experiments.dynamics;

import dev.inlay.InlayException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The published simulations by name. Each has two variants: {@code paper} steps with Euler's scheme at the published step,
 * {@code exact} with the adaptive one.
 */
public final class Presets {
    private static final String FIVE_ON_CIRCLE = "0.99806638 0.06215705; 0.97712061 0.21268594; -0.24578194 0.96932515;"
            + " -0.97354734 0.2284854; -0.99892629 -0.04632772";

    private static final Map<String, Preset> ALL = all();

    private Presets() {}

    /**
     * A published simulation.
     *
     * @param shows what it is for
     * @param texts of its setting; the scheme where it belongs to what is simulated
     * @param grid of a sweep, empty for a single run
     */
    public record Preset(String shows, Map<String, String> texts, List<String> grid) {}

    public static Map<String, Preset> named() {
        return ALL;
    }

    /** The texts of a preset in a variant. */
    public static Map<String, String> texts(String name, String variant) {
        Preset preset = ALL.get(name);
        if (preset == null) {
            throw InlayException.usage("unknown preset \"%s\"; presets are: %s", name, String.join(", ", ALL.keySet()));
        }
        Map<String, String> texts = new LinkedHashMap<>(preset.texts());
        switch (variant) {
            case "paper" -> texts.putIfAbsent("scheme", "euler");
            case "exact" -> texts.putIfAbsent("scheme", "adaptive");
            default -> throw InlayException.usage("variant must be paper or exact, was \"%s\"", variant);
        }
        return texts;
    }

    private static Map<String, Preset> all() {
        Map<String, Preset> all = new LinkedHashMap<>();
        Map<String, String> wide = Map.of("tokens", "20", "time", "5", "start", "uniform -5 5");
        put(all, "polytope", "tokens end on the boundary of a polytope (T3)", wide, Map.of());
        put(all, "polytope-3d", "the same in three dimensions", wide, Map.of("dimension", "3"));
        put(
                all,
                "hyperplanes-2d",
                "at most three parallel lines (T4)",
                wide,
                Map.of("value", "0.64709742 0.81911926; 0.61210449 0.63263484"));
        put(all, "hyperplanes-2d-generic", "the same for a drawn V", wide, Map.of("value", "uniform 0 1"));
        put(
                all,
                "hyperplanes-3d-neg",
                "at most three parallel planes; other eigenvalues with negative real part",
                wide,
                Map.of(
                        "dimension",
                        "3",
                        "value",
                        "0.2362413 0.0599536 0.40506019; 0.81321448 0.49948705 0.33754772;"
                                + " 0.2160645 0.38505272 0.14588075"));
        put(
                all,
                "hyperplanes-3d-pos",
                "at most three parallel planes; other eigenvalues with positive real part",
                wide,
                Map.of(
                        "dimension",
                        "3",
                        "value",
                        "0.18608476 0.34391026 0.13905949; 0.35244288 0.6694859 0.39992145;"
                                + " 0.46685606 0.17094454 0.42092308"));
        put(
                all,
                "codimension-k",
                "subspaces of codimension k (T6, open)",
                wide,
                Map.of(
                        "dimension",
                        "3",
                        "value",
                        "0.92761287 0.94333073 0.3827744; 0.94333073 0.59991396 0.47825472;"
                                + " 0.3827744 0.47825472 0.46668605"));
        put(all, "hybrid", "polytope times a subspace (T5)", wide, Map.of("value", "diagonal 1 -0.5"));
        put(
                all,
                "hybrid-3d",
                "the same in three dimensions",
                wide,
                Map.of("dimension", "3", "value", "diagonal 1 1 -0.5"));
        put(
                all,
                "leaders",
                "who leads whom",
                Map.of("space", "euclidean", "tokens", "20", "time", "10"),
                Map.of("value", "psd", "score", "psd"));
        put(
                all,
                "albert-128",
                "a size like ALBERT's, V sparse and symmetric",
                Map.of("tokens", "128", "dimension", "128", "time", "15"),
                Map.of("value", "sparse", "start", "uniform -0.5 0.5"));
        Map<String, String> ball = Map.of("space", "sphere", "tokens", "64", "dimension", "3", "time", "15");
        put(all, "sphere", "clusters on the sphere (SA)", ball, Map.of("start", "sphere"));
        put(all, "sphere-usa", "the same with the kernel (USA)", ball, Map.of("start", "sphere", "rule", "kernel"));
        put(
                all,
                "phase-diagram",
                "share of pairs that have met, over beta and seeds",
                Map.of("space", "sphere", "tokens", "32", "dimension", "2", "time", "30", "start", "sphere"),
                Map.of(),
                "beta=0.1:9:30",
                "seed=0:9:10");
        put(
                all,
                "phase-curve",
                "orthogonal start: which beta has met by when",
                Map.of("space", "sphere", "tokens", "16", "dimension", "16", "time", "10", "start", "orthogonal"),
                Map.of(),
                "beta=0.1:9:20",
                "time=10,20,30");
        put(
                all,
                "kinetic",
                "metastability: two clusters that merge late",
                Map.of("space", "sphere", "tokens", "5", "time", "400", "beta", "4"),
                Map.of("start", FIVE_ON_CIRCLE));
        put(
                all,
                "bifurcation-script",
                "clustering and bifurcation times over eps",
                Map.of("seed", "42", "time", "50", "change", "value diagonal 2 -{eps}"),
                Map.of(),
                "eps=0.1,0.15,0.2,0.25,0.3");
        put(
                all,
                "bifurcation-28",
                "the phase diagram of the article, until the last of its points has its bifurcation",
                Map.of("seed", "42", "time", "600", "change", "value diagonal 2 -{eps}"),
                Map.of(),
                "eps=0.001,0.0016,0.0017,0.0018,0.0019,0.002,0.0021,0.0022,0.0023,0.003,0.004,0.005,0.006,0.007,0.008,"
                        + "0.009,0.010,0.011,0.012,0.015,0.025,0.030,0.040,0.05,0.055,0.060,0.065,0.075");
        Map<String, String> fifty = Map.of("tokens", "50", "time", "40", "start", "uniform -5 5");
        put(all, "v-finetune", "a second clustering", fifty, Map.of("change", "value diagonal 2 -0.1"));
        put(all, "v-finetune-3", "points become lines", fifty, Map.of("change", "value diagonal 2 -1"));
        put(
                all,
                "lora-v",
                "a low-rank change makes other clusters",
                fifty,
                Map.of("value", "uniform 0 0.5", "change", "value eigenvector 2 0.4"));
        put(
                all,
                "lora-v-published",
                "the same with the constant that the published script adds to every entry",
                fifty,
                Map.of("value", "uniform 0 0.5", "change", "value constant 0.4"));
        put(
                all,
                "rank1-attention",
                "attention of rank one",
                fifty,
                Map.of("dimension", "3", "change", "score set diagonal 1 0 0"));
        put(
                all,
                "linear-lowrank",
                "tokens that do not attend: the rank of what their attention would be",
                Map.of("space", "linear", "tokens", "40", "dimension", "80", "time", "11"),
                Map.of("value", "psd"));
        Map<String, String> normed = Map.of("space", "sphere", "tokens", "16", "dimension", "3", "time", "60");
        put(all, "norm-pre", "Pre-LN: slower than any exponential", normed, with("normalisation", "pre 1"));
        put(all, "norm-peri", "Peri-LN", normed, with("normalisation", "peri 1"));
        put(all, "norm-mix", "Mix-LN: post until t = 5, then pre", normed, with("normalisation", "mix 5 1"));
        put(all, "norm-ngpt", "nGPT: steps of one length", normed, with("normalisation", "ngpt 1"));
        put(all, "norm-sqrt", "steps that shrink like 1 / sqrt(t)", normed, with("normalisation", "sqrt"));
        put(
                all,
                "noise",
                "noise on the sphere against clustering",
                normed,
                Map.of("scheme", "euler-maruyama {noise}", "step", "0.02", "start", "sphere"),
                "noise=0,0.1,0.2,0.4,0.8");
        put(
                all,
                "feed-forward",
                "attention and then a layer with relu (an open problem)",
                wide,
                Map.of("space", "feed-forward relu gaussian"));
        put(
                all,
                "several-heads",
                "drawn heads that add (an open problem): does their number keep tokens apart?",
                Map.of("space", "sphere", "tokens", "32", "dimension", "3", "time", "15", "start", "sphere"),
                Map.of("score", "gaussian", "value", "gaussian"),
                "heads=1,2,4,8",
                "seed=0:9:10");
        put(
                all,
                "resampled",
                "A and V drawn anew every 0.1, 1, 10 time units, and once",
                Map.of("space", "sphere", "tokens", "32", "dimension", "3", "time", "30", "start", "sphere"),
                Map.of("score", "gaussian", "value", "gaussian", "scheme", "projected-euler"),
                "resample=0.1,1,10,30",
                "seed=0:9:10");
        put(
                all,
                "layers",
                "residual layers of step 4 / L: what depth changes when the whole time does not",
                Map.of("space", "sphere", "tokens", "16", "dimension", "3", "time", "4", "scheme", "projected-euler"),
                Map.of("start", "sphere", "change", "value random 2 0.3"),
                "step=0.5,0.25,0.125,0.0625,0.03125");
        String gaps = "diagonal 1 0.9 0.8 0.7 0.6 0.5 0.4 0.3";
        Map<String, String> deep = new LinkedHashMap<>(
                Map.of("space", "sphere", "tokens", "16", "dimension", "8", "time", "4", "scheme", "projected-euler"));
        deep.putAll(Map.of("start", "sphere", "value", gaps, "score", gaps));
        String[] depths = {"step=0.125,0.03125,0.0078125", "eta=log:0.1:10:5", "seed=0:9:10"};
        put(
                all,
                "depth-law",
                "a change drawn anew in each of 32, 128 and 512 layers: the drift depends on eta / sqrt(L)",
                deep,
                Map.of("change", "value random 2 {eta} per-layer"),
                depths);
        put(
                all,
                "depth-law-tied",
                "one change in all layers: the drift depends on eta",
                deep,
                Map.of("change", "value random 2 {eta}"),
                depths);
        put(all, "degenerate", "no attention: tokens contract to their mean", fifty, Map.of("score", "zero"));
        return Collections.unmodifiableMap(all);
    }

    private static Map<String, String> with(String name, String text) {
        return Map.of("start", "sphere", name, text);
    }

    private static void put(
            Map<String, Preset> all,
            String name,
            String shows,
            Map<String, String> first,
            Map<String, String> second,
            String... grid) {
        Map<String, String> texts = new LinkedHashMap<>();
        Setting.DEFAULTS.keySet().forEach(key -> {
            String text = second.getOrDefault(key, first.getOrDefault(key, ""));
            if (!text.isEmpty()) {
                texts.put(key, text);
            }
        });
        all.put(name, new Preset(shows, texts, List.of(grid)));
    }
}
