package dev.inlay.app.experiments.layers;

import dev.inlay.dynamics.Affinity;
import dev.inlay.dynamics.Clusters;
import dev.inlay.dynamics.Cosines;
import dev.inlay.dynamics.Energy;
import dev.inlay.dynamics.Hdbscan;
import dev.inlay.dynamics.Ranks;
import dev.inlay.dynamics.States;
import dev.inlay.dynamics.Succession;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Svd;
import dev.inlay.engine.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is measured of the states of one text in one model.
 *
 * @param rows for each entry of the states, then of the normed states, each measure by name; NaN where there is none
 * @param histograms for each row the share of pairs of tokens in each of {@link #PARTS} equal parts of [-1, 1]
 */
record LayerMeasures(List<Map<String, Double>> rows, List<double[]> histograms) {
    /** Parts of a histogram. */
    static final int PARTS = 40;

    /** Cosines above which tokens are together. */
    static final double[] THRESHOLDS = {0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999};

    /** The threshold of births and merges. */
    static final double THRESHOLD = 0.9;

    /** Of clusters by density: the smallest has 5 tokens, and 5 tokens make a density. */
    static final Hdbscan DENSITY = new Hdbscan(5, 5);

    /** Of the energies. */
    static final double[] BETAS = {0.1, 1, 2, 5};

    /**
     * Of the Fiedler value. Two groups at right angles have 2 / (1 + e^5) = 0.013, and as many tokens at right angles each for
     * itself n e^-5 / (1 + (n - 1) e^-5): 0.46 of 128.
     */
    static final Affinity AFFINITY = new Affinity(5);

    /**
     * Measures. Centred states are less the mean of all tokens but the first, and without the first, which in many models
     * is far from all others (an attention sink).
     */
    static LayerMeasures of(HiddenStates states) {
        List<Map<String, Double>> rows = new ArrayList<>();
        List<double[]> histograms = new ArrayList<>();
        int d = states.width();
        Groups earlier = null;
        for (int entry = 0; entry <= states.entries().size(); entry++) {
            boolean last = entry == states.entries().size();
            double[] x = last ? states.normed() : states.entries().get(entry);
            // The normed states follow on nothing: they are the last entry once more.
            double[] before = entry == 0 || last ? null : states.entries().get(entry - 1);
            Cosines cosines = Cosines.of(x, d);
            Groups groups = Groups.of(x, d, cosines);
            Map<String, Double> row = of(x, d, cosines);
            row.put(
                    "attention_entropy",
                    before == null ? Double.NaN : states.entropies().get(entry - 1));
            row.put("cka", before == null ? Double.NaN : States.alignment(before, x, d));
            row.put("same_nearest", before == null ? Double.NaN : cosines.sharedNearest(Cosines.of(before, d)));
            groups.count(row, before == null ? null : earlier);
            rows.add(row);
            histograms.add(cosines.histogram(PARTS));
            earlier = groups;
        }
        return new LayerMeasures(List.copyOf(rows), List.copyOf(histograms));
    }

    /**
     * The tokens of an entry in clusters.
     *
     * @param chains of cosines above the threshold
     * @param dense where they are dense
     */
    private record Groups(Clusters chains, Clusters dense) {
        static Groups of(double[] x, int d, Cosines cosines) {
            return new Groups(Clusters.byCosine(cosines, THRESHOLD), DENSITY.of(States.chords(x, d)));
        }

        void count(Map<String, Double> row, @Nullable Groups earlier) {
            Succession chain = earlier == null ? null : Succession.of(earlier.chains, chains);
            row.put("births", chain == null ? Double.NaN : chain.births());
            row.put("merges", chain == null ? Double.NaN : chain.merges());
            row.put("hdbscan_clusters", (double) dense.count());
            row.put("hdbscan_noise", dense.noise() / (double) dense.labels().length);
            Succession density = earlier == null ? null : Succession.of(earlier.dense, dense);
            row.put("hdbscan_births", density == null ? Double.NaN : density.births());
            row.put("hdbscan_merges", density == null ? Double.NaN : density.merges());
            row.put("hdbscan_deaths", density == null ? Double.NaN : density.deaths());
        }
    }

    private static Map<String, Double> of(double[] x, int d, Cosines cosines) {
        double[] rest = Arrays.copyOfRange(x, d, x.length);
        double[] centred = States.centred(rest, d);
        Cosines without = cosines.from(1);
        Cosines aroundMean = Cosines.of(centred, d);
        double[] singular = singularValues(x, d);
        Map<String, Double> row = new LinkedHashMap<>();
        row.put("cosine_mean", cosines.mean());
        row.put("cosine_median", cosines.median());
        row.put("cosine_mean_without_first", without.mean());
        row.put("cosine_median_without_first", without.median());
        row.put("cosine_mean_centred", aroundMean.mean());
        row.put("cosine_median_centred", aroundMean.median());
        row.put("effective_rank", Ranks.effective(singular));
        row.put("effective_rank_without_first", Ranks.effective(singularValues(rest, d)));
        row.put("effective_rank_centred", effective(singularValues(centred, d)));
        row.put("participation_ratio", Ranks.participation(singular));
        row.put("stable_rank", Ranks.stable(singular));
        for (double threshold : THRESHOLDS) {
            row.put("clusters_" + threshold, (double)
                    Clusters.byCosine(cosines, threshold).count());
        }
        row.put("clusters_centred_" + THRESHOLD, (double)
                Clusters.byCosine(aroundMean, THRESHOLD).count());
        row.put("hdbscan_clusters_centred", (double)
                DENSITY.of(States.chords(centred, d)).count());
        row.put(
                "clusters_plateau",
                Clusters.plateau(THRESHOLDS.length, k -> Clusters.byCosine(cosines, THRESHOLDS[k])).stream()
                        .mapToDouble(count -> count)
                        .findFirst()
                        .orElse(Double.NaN));
        row.put("fiedler", AFFINITY.fiedler(cosines));
        row.put("fiedler_without_first", AFFINITY.fiedler(without));
        row.put("fiedler_centred", AFFINITY.fiedler(aroundMean));
        double[] unit = States.unit(x, d);
        for (double beta : BETAS) {
            row.put(energy(beta), new Energy(beta).log(unit, d));
        }
        return row;
    }

    /** Name of ln E_beta of the tokens on the sphere. */
    static String energy(double beta) {
        return "log_energy_" + beta;
    }

    /** Tokens that are all equal have no rank around their mean. */
    private static double effective(double[] singular) {
        return singular[0] == 0 ? Double.NaN : Ranks.effective(singular);
    }

    private static double[] singularValues(double[] x, int d) {
        try (Scope scope = Scope.open()) {
            return Svd.of(Tensor.of(x, x.length / d, d)).values().toDoubles();
        }
    }

    /** Number of entries, the normed states not counted. */
    int entries() {
        return rows.size() - 1;
    }

    /** The value of a measure at an entry; NaN where there is none. */
    double at(int entry, String measure) {
        return rows.get(entry).getOrDefault(measure, Double.NaN);
    }

    /** How often E_beta falls from an entry to the next: a flow of the theory would let it grow. */
    int violations(double beta) {
        int violations = 0;
        for (int entry = 1; entry < entries(); entry++) {
            violations += at(entry, energy(beta)) < at(entry - 1, energy(beta)) ? 1 : 0;
        }
        return violations;
    }
}
