package dev.inlay.app.experiments.dynamics;

import dev.inlay.InlayException;
import dev.inlay.dynamics.Bifurcation;
import dev.inlay.dynamics.Clusters;
import dev.inlay.dynamics.Crossing;
import dev.inlay.dynamics.Energy;
import dev.inlay.dynamics.Finding;
import dev.inlay.dynamics.Head;
import dev.inlay.dynamics.Hull;
import dev.inlay.dynamics.Matrix;
import dev.inlay.dynamics.Mersenne;
import dev.inlay.dynamics.Paired;
import dev.inlay.dynamics.RescaledStatements;
import dev.inlay.dynamics.SphereStatements;
import dev.inlay.dynamics.Steps;
import dev.inlay.dynamics.Tail;
import dev.inlay.dynamics.Wasserstein;
import dev.inlay.dynamics.Weights;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.IntStream;

/** A base trajectory and, where a change is given, that of the changed head from the same start; and what they tell. */
public final class Outcome {
    private static final int SAMPLES = 400;
    private static final double SEPARATE = 1e-3;
    private static final double FOREVER = 1e6;

    /** Tokens above which events that compare all pairs at all samples are not looked for. */
    private static final int MOST_COMPARED = 64;

    /** Less than this, over the size of what changes, is rounding. */
    private static final double ROUNDING = 1e-9;

    private final Setting setting;
    private final double[] start;
    private final Run base;
    private final Optional<Run> changed;
    private final Map<String, Double> norms;

    private Outcome(Setting setting, double[] start, Run base, Optional<Run> changed, Map<String, Double> norms) {
        this.setting = setting;
        this.start = start;
        this.base = base;
        this.changed = changed;
        this.norms = norms;
    }

    /** Draws the start first, then A, V and the change, all from one generator, and runs. */
    public static Outcome of(Setting setting) {
        Mersenne random = new Mersenne(setting.seed());
        double[] start = Texts.start(setting.start(), setting.tokens(), setting.dimension(), random);
        List<Head> heads = Heads.of(setting, random);
        Weights weights = Heads.base(setting, heads);
        Run base = Run.of(setting, weights, start);
        if (!setting.isPaired()) {
            return new Outcome(setting, start, base, Optional.empty(), Map.of());
        }
        Weights changed = Heads.changed(setting, weights, random);
        double begin = Heads.begin(setting);
        return new Outcome(
                setting,
                start,
                base,
                Optional.of(Run.of(setting, changed, start)),
                norms(weights.at(begin), changed.at(begin)));
    }

    /** Spectral norms of what the change adds to A and to V, of the head where they are largest. */
    private static Map<String, Double> norms(List<Head> base, List<Head> changed) {
        Map<String, Double> norms = new LinkedHashMap<>();
        norms.put("score_change", norm(base, changed, Head::score));
        norms.put("value_change", norm(base, changed, Head::value));
        return norms;
    }

    private static double norm(List<Head> base, List<Head> changed, Function<Head, Matrix> part) {
        return IntStream.range(0, base.size())
                .mapToObj(h -> part.apply(changed.get(h)).minus(part.apply(base.get(h))))
                .mapToDouble(change -> change.frobenius() == 0 ? 0 : change.norm())
                .max()
                .orElse(0);
    }

    public Setting setting() {
        return setting;
    }

    public double[] start() {
        return start.clone();
    }

    Run base() {
        return base;
    }

    Optional<Run> changed() {
        return changed;
    }

    /** Times at which frames are made: evenly, and over long runs half of them in its first part. */
    double[] times(int count) {
        double end = setting.time();
        double[] times = new double[count + 1];
        double early = Math.min(end, 15);
        int half = end > 50 ? count / 2 : count;
        for (int k = 0; k <= count; k++) {
            times[k] = k <= half
                    ? early(end, early) * k / half
                    : early * Math.pow(end / early, (k - half) / (double) (count - half));
        }
        return times;
    }

    private static double early(double end, double early) {
        return end > 50 ? early : end;
    }

    List<Frame> frames(Run run, double[] times) {
        List<Frame> frames = new ArrayList<>();
        for (double t : times) {
            frames.add(Frame.of(run, Math.min(t, run.end())));
        }
        return frames;
    }

    /** What happens, in the order of time. */
    public List<Event> events() {
        List<Event> events = new ArrayList<>();
        addOwn(events, "base", base);
        changed.ifPresent(run -> {
            addOwn(events, "changed", run);
            addPaired(events, run);
        });
        events.sort(Comparator.comparingDouble(Event::time));
        return events;
    }

    private Crossing crossing(Run run) {
        return new Crossing(run.path().end() / SAMPLES, 0);
    }

    private void addOwn(List<Event> events, String name, Run run) {
        double end = run.path().end();
        Crossing crossing = crossing(run);
        if (setting.tokens() <= MOST_COMPARED) {
            addCompared(events, name, run);
            crossing.firstBelow(t -> run.flow().weighing(t, run.path().at(t)).logResidual(), Math.log(SEPARATE), 0, end)
                    .ifPresent(t -> events.add(new Event(t, name, "boolean", "attention within 0.001 of 0 and 1")));
        }
        if (setting.space().equals("sphere")) {
            crossing.firstAbove(t -> Clusters.leastCosine(run.at(t), setting.dimension()), .999, 0, end)
                    .ifPresent(t -> events.add(new Event(t, name, "one-cluster", "all cosines above 0.999")));
        }
        run.tail().ifPresent(course -> {
            for (Tail.Switch each : course.switches()) {
                events.add(new Event(
                        each.time(),
                        name,
                        "switch",
                        "token " + each.token() + " turns from " + each.before() + " to " + each.after()));
            }
        });
    }

    /** Clusters that merge or part, and the first time at which what should only shrink or grow does not. */
    private void addCompared(List<Event> events, String name, Run run) {
        double end = run.path().end();
        double sample = end / SAMPLES;
        int d = setting.dimension();
        boolean sphere = setting.space().equals("sphere");
        for (Crossing.Change each : new Crossing(sample, sample).changes(t -> clusters(run.at(t)), 0, end)) {
            boolean merge = each.after() < each.before();
            events.add(new Event(
                    each.time(), name, merge ? "merge" : "split", each.before() + " to " + each.after() + " clusters"));
        }
        if (sphere && setting.beta() > 0) {
            Energy energy = new Energy(setting.beta());
            crossing(run)
                    .firstBelow(
                            t -> energy.log(run.at(t), d) - energy.log(run.at(t - sample), d), -ROUNDING, sample, end)
                    .ifPresent(t -> events.add(new Event(
                            t, name, "energy", "the energy falls, which that of a gradient flow never does")));
        }
        if (setting.space().equals("rescaled") && d <= 3) {
            double scale = distance(start, new double[start.length], d);
            crossing(run)
                    .firstAbove(t -> new Hull(run.at(t - sample), d).excess(run.at(t)), ROUNDING * scale, sample, end)
                    .ifPresent(t -> events.add(
                            new Event(t, name, "hull", "a token leaves the convex hull of a moment before")));
        }
    }

    private int clusters(double[] x) {
        int d = setting.dimension();
        return (setting.space().equals("sphere")
                        ? Clusters.byCosine(x, d, .999)
                        : Clusters.within(x, d, setting.delta()))
                .count();
    }

    private void addPaired(List<Event> events, Run run) {
        if (setting.space().equals("rescaled")) {
            Paired.Times times = pairedTimes(run);
            times.clustering().ifPresent(t -> events.add(new Event(t, "changed", "clustering", "T_clus")));
            times.bifurcation().ifPresent(t -> events.add(new Event(t, "changed", "bifurcation", "T_bif")));
            second(run).ifPresent(t -> events.add(new Event(t, "changed", "second-clustering", "T_2")));
        }
        divergence(run)
                .ifPresent(t -> events.add(new Event(t, "changed", "divergence", "farther than delta from the base")));
    }

    private Paired paired() {
        return new Paired(setting.tokens(), setting.dimension(), base.last(), setting.delta());
    }

    /** What a reader of the results must know. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        setting.untold().ifPresent(what -> warnings.add("no statement of the theory speaks about " + what));
        if (setting.heads() > 1) {
            warnings.add(
                    "attention, who leads and its measures are those of the first of " + setting.heads() + " heads");
        }
        if (changed.isPresent() && setting.space().equals("rescaled") && !paired().isSeparated()) {
            warnings.add("delta " + Setting.plain(setting.delta()) + " is not below half the smallest distance of two"
                    + " clusters of the base: clustering and bifurcation"
                    + " times are not defined; choose a smaller delta");
        }
        return warnings;
    }

    /** T_clus and T_bif; both empty where delta does not part the clusters of the base. */
    private Paired.Times pairedTimes(Run run) {
        Paired paired = paired();
        if (!paired.isSeparated()) {
            return new Paired.Times(OptionalDouble.empty(), OptionalDouble.empty());
        }
        if (run.path() instanceof Steps steps) {
            double h = steps.time(1) - steps.time(0);
            Paired.Times times =
                    paired.times(run::at, new Crossing(h, 0), 0, run.path().end());
            return new Paired.Times(atStep(times.clustering(), h), atStep(times.bifurcation(), h));
        }
        Paired.Times early =
                paired.times(run::at, new Crossing(.05, 0), 0, run.path().end());
        if (run.tail().isEmpty()
                || early.bifurcation().isPresent()
                || early.clustering().isEmpty()) {
            return early;
        }
        return new Paired.Times(early.clustering(), run.tail().get().firstAbove(paired::distance, setting.delta()));
    }

    /** The first step at or after a time: a fixed scheme is known at its steps alone, as published times are. */
    private static OptionalDouble atStep(OptionalDouble time, double h) {
        return time.isPresent() ? OptionalDouble.of(Math.ceil(time.getAsDouble() / h - 1e-9) * h) : time;
    }

    /** T_2; empty where the last positions are not final: leaders will turn after the run. */
    private OptionalDouble second(Run run) {
        int d = setting.dimension();
        double[] last = run.last();
        if (!isFinal(run, last)) {
            return OptionalDouble.empty();
        }
        if (run.tail().isPresent()) {
            Tail.Course course = run.tail().get();
            double after = course.switches().isEmpty()
                    ? 0
                    : course.switches().get(course.switches().size() - 1).time();
            double until = Math.min(run.end(), Math.max(after, run.path().end()) + 60);
            return new Crossing(.05, 0).lastAbove(t -> distance(run.at(t), last, d), setting.delta(), after, until);
        }
        return crossing(run).lastAbove(t -> distance(run.at(t), last, d), setting.delta(), 0, run.end());
    }

    private boolean isFinal(Run run, double[] last) {
        if (!Run.mayHaveTail(setting, run.head())) {
            return true;
        }
        double end = run.end();
        try {
            Tail.Course rest = new Tail(setting.tokens(), run.head(), true).run(last, end, FOREVER * end);
            return distance(rest.path().last(), last, setting.dimension()) < setting.delta();
        } catch (InlayException unsettled) {
            return false;
        }
    }

    private OptionalDouble divergence(Run run) {
        int d = setting.dimension();
        double end = Math.min(base.path().end(), run.path().end());
        OptionalDouble early =
                crossing(run).firstAbove(t -> distance(base.at(t), run.at(t), d), setting.delta(), 0, end);
        return early.isPresent() || run.tail().isEmpty()
                ? early
                : run.tail().get().firstAbove(z -> distance(base.last(), z, d), setting.delta());
    }

    static double distance(double[] x, double[] y, int d) {
        double largest = 0;
        for (int at = 0; at < x.length; at += d) {
            double square = 0;
            for (int k = at; k < at + d; k++) {
                square += (x[k] - y[k]) * (x[k] - y[k]);
            }
            largest = Math.max(largest, square);
        }
        return Math.sqrt(largest);
    }

    /** Root mean square over tokens of the distance. */
    private static double rms(double[] x, double[] y, int d) {
        double sum = 0;
        for (int k = 0; k < x.length; k++) {
            sum += (x[k] - y[k]) * (x[k] - y[k]);
        }
        return Math.sqrt(sum * d / x.length);
    }

    /** The statements of the theory, held against base and changed run. */
    public Map<String, List<Finding>> findings() {
        Map<String, List<Finding>> findings = new LinkedHashMap<>();
        findings.put("base", findings(base));
        changed.ifPresent(run -> findings.put("changed", findings(run)));
        return findings;
    }

    private List<Finding> findings(Run run) {
        if (setting.untold().isPresent()) {
            return List.of();
        }
        return switch (setting.space()) {
            case "sphere" -> SphereStatements.all(run.trial());
            case "rescaled" -> RescaledStatements.all(run.trial());
            default ->
                run.head().value().times(-1).equals(Matrix.identity(setting.dimension()))
                        ? List.of(RescaledStatements.collapse(run.trial()))
                        : List.of();
        };
    }

    /** The numbers of a row of a sweep; what does not exist is NaN. */
    public Map<String, Double> numbers() {
        Map<String, Double> numbers = new LinkedHashMap<>();
        int d = setting.dimension();
        numbers.put("clusters", (double) Frame.of(base, base.end()).clusters());
        changed.ifPresent(run -> {
            numbers.put("changed_clusters", (double) Frame.of(run, run.end()).clusters());
            numbers.put("distance", distance(base.last(), run.last(), d));
            numbers.put("rms", rms(base.last(), run.last(), d));
            numbers.put("w2", setting.tokens() <= 500 ? Wasserstein.distance(base.last(), run.last(), d) : Double.NaN);
            numbers.put("divergence", divergence(run).orElse(Double.NaN));
            numbers.putAll(norms);
            if (setting.space().equals("rescaled")) {
                Paired.Times times = pairedTimes(run);
                numbers.put("clustering", times.clustering().orElse(Double.NaN));
                numbers.put("bifurcation", times.bifurcation().orElse(Double.NaN));
                numbers.put("second_clustering", second(run).orElse(Double.NaN));
                numbers.put("predicted_constant", predicted().orElse(Double.NaN));
            }
        });
        if (setting.space().equals("sphere")) {
            numbers.put("pair_share", Clusters.pairShare(changed.orElse(base).last(), d, .999));
        }
        return numbers;
    }

    /** C of T_bif = C / eps, where the closed form applies. */
    OptionalDouble predicted() {
        boolean applies = setting.dimension() == 2
                && setting.heads() == 1
                && base.head().value().equals(Matrix.identity(2))
                && base.head().score().equals(Matrix.identity(2))
                && setting.change().startsWith("value diagonal 2 -");
        return applies ? Bifurcation.constant(base.last(), setting.delta()) : OptionalDouble.empty();
    }
}
