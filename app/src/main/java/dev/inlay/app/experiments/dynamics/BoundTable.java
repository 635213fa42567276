package dev.inlay.app.experiments.dynamics;

import static dev.inlay.InlayException.require;

import dev.inlay.dynamics.Adaptive;
import dev.inlay.dynamics.Bifurcation;
import dev.inlay.dynamics.Bounds;
import dev.inlay.dynamics.GapCriterion;
import dev.inlay.dynamics.Head;
import dev.inlay.dynamics.MeasuredBound;
import dev.inlay.dynamics.Tangent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/** How far base and changed run are apart, beside every bound that applies to the setting. */
public final class BoundTable {
    private static final int SAMPLES = 400;

    private final Outcome outcome;
    private final Run base;
    private final Run changed;

    private BoundTable(Outcome outcome, Run changed) {
        this.outcome = outcome;
        this.base = outcome.base();
        this.changed = changed;
    }

    /** The table of a paired setting. */
    public static BoundTable of(Setting setting) {
        require(setting.isPaired(), "bounds compare two runs; set change, such as \"value gaussian 1 1 norm 0.01\"");
        require(
                setting.unbounded().isEmpty(),
                "no bound is known for %s; bounds are for space rescaled, euclidean or sphere with normalisation post, without"
                        + " noise and with the same weights at all times",
                setting.unbounded().orElse(""));
        Outcome outcome = Outcome.of(setting);
        return new BoundTable(outcome, outcome.changed().orElseThrow());
    }

    /**
     * What is known at a time; what does not apply is NaN.
     *
     * @param measured largest distance of a token from its base
     * @param logPrior ln of the bound known before the runs (B1, B2 or B3)
     * @param logMeasured ln of the bound from what both runs did (B4)
     * @param tangent distance to first order in the change (B5)
     */
    public record Row(double time, double measured, double logPrior, double logMeasured, double tangent) {
        /** For programs. */
        public Map<String, Object> json() {
            Map<String, Object> json = new TreeMap<>();
            json.put("time", time);
            json.put("measured", measured);
            json.put("log_prior", String.valueOf(logPrior));
            json.put("log_measured", String.valueOf(logMeasured));
            json.put("tangent", String.valueOf(tangent));
            return json;
        }
    }

    private double end() {
        return Math.min(base.path().end(), changed.path().end());
    }

    private boolean isPlain() {
        Setting setting = outcome.setting();
        return setting.rule().equals("softmax") && !setting.causal();
    }

    /** ln of the bound known before, by space; empty where none is proved. */
    private OptionalDouble prior(double t) {
        Setting setting = outcome.setting();
        double[] start = base.at(0);
        List<Head> first = scaled(base.heads());
        List<Head> second = scaled(changed.heads());
        Bounds bounds = new Bounds(first, second, radius(start, setting.dimension()));
        return switch (setting.space()) {
            case "sphere" -> OptionalDouble.of(bounds.logSpherical(t));
            case "euclidean" -> OptionalDouble.of(bounds.logEuclidean(t, 0));
            default -> bounds.isOfRescaled() ? OptionalDouble.of(bounds.logRescaled(t)) : OptionalDouble.empty();
        };
    }

    /** The bounds are for beta = 1; beta goes into A. */
    private List<Head> scaled(List<Head> heads) {
        return heads.stream()
                .map(head -> new Head(head.score().times(outcome.setting().beta()), head.value()))
                .toList();
    }

    private static double radius(double[] x, int d) {
        return Outcome.distance(x, new double[x.length], d);
    }

    /** Rows at even times. */
    public List<Row> rows(int count) {
        int d = outcome.setting().dimension();
        double[] times = new double[SAMPLES + 1];
        Arrays.setAll(times, k -> end() * k / SAMPLES);
        boolean flat = outcome.setting().space().equals("rescaled");
        double[] logs = new double[SAMPLES + 1];
        Arrays.fill(logs, Double.NaN);
        double[] tangents = logs.clone();
        if (isPlain() && !flat) {
            boolean sphere = outcome.setting().space().equals("sphere");
            double beta = outcome.setting().beta();
            logs = new MeasuredBound(base.heads(), changed.heads(), sphere, beta)
                    .logs(base.path(), changed.path(), times);
            tangents = tangents(sphere, times);
        }
        List<Row> rows = new ArrayList<>();
        for (int k = 1; k <= count; k++) {
            int at = (int) Math.round(k * (double) SAMPLES / count);
            double t = times[at];
            double prior = isPlain() ? prior(t).orElse(Double.NaN) : Double.NaN;
            rows.add(new Row(t, Outcome.distance(base.at(t), changed.at(t), d), prior, logs[at], tangents[at]));
        }
        return rows;
    }

    private static Head change(Head head, Head changed) {
        return new Head(changed.score().minus(head.score()), changed.value().minus(head.value()));
    }

    private double[] tangents(boolean sphere, double[] times) {
        int d = outcome.setting().dimension();
        int n = outcome.setting().tokens();
        Tangent tangent = new Tangent(
                n,
                base.heads(),
                IntStream.range(0, base.heads().size())
                        .mapToObj(
                                h -> change(base.heads().get(h), changed.heads().get(h)))
                        .toList(),
                outcome.setting().beta(),
                sphere);
        var path = Adaptive.DEFAULT.run(tangent, tangent.start(base.at(0)), 0, end());
        return Arrays.stream(times)
                .map(t -> radius(Arrays.copyOfRange(path.at(t), n * d, 2 * n * d), d))
                .toArray();
    }

    /** What else can be calculated, a line each. */
    public List<String> calculations() {
        Setting setting = outcome.setting();
        List<String> lines = new ArrayList<>();
        if (isPlain() && prior(1).isPresent()) {
            DoubleUnaryOperator bound = t -> prior(t).orElseThrow();
            OptionalDouble time = Bounds.time(bound, setting.delta(), setting.time());
            lines.add(line("no token can be farther than delta from its base before t = %s", time));
        }
        outcome.predicted().ifPresent(c -> lines.add(line("T_bif = C / eps with C = %s", OptionalDouble.of(c))));
        if (setting.untold().isPresent()) {
            return lines;
        }
        if (setting.space().equals("rescaled") && changed.head().value().isSymmetric()) {
            OptionalDouble bound = Bifurcation.secondClusteringBound(
                    changed.head(), changed.last(), 2 * radius(base.at(0), setting.dimension()), setting.delta());
            lines.add(line("the second clustering is over by T_2 <= %s (up to o(1))", bound));
        }
        if (setting.space().equals("sphere") && base.head().value().isSymmetric() && setting.dimension() > 1) {
            GapCriterion gap = GapCriterion.of(
                    base.head(), changed.head().value().minus(base.head().value()), base.at(0));
            lines.add(String.format(
                    Locale.ROOT,
                    "gap criterion %s: gap + a = %.5g, 2|b| + |E| = %.5g; drift at most %.5g, estimated %.5g",
                    gap.isMet() ? "met" : "not met",
                    gap.gap() + gap.along(),
                    2 * gap.aside() + gap.rest(),
                    gap.driftBound(),
                    gap.driftEstimate()));
            gap.hypotheses().forEach(each -> lines.add("  " + each.text() + ": " + each.truth()));
            lines.add("  drift by direction: " + gap.directions());
        }
        return lines;
    }

    private static String line(String format, OptionalDouble value) {
        return format.replace("%s", value.isPresent() ? SimulationRun.words(value.getAsDouble()) : "none");
    }
}
