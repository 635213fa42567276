package dev.inlay.app.experiments.modular;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * Where an arm's accuracy of addition falls below a share of its start, and how that depends on depth.
 *
 * @param share of the first accuracy
 * @param along {@code epoch} or {@code norm}
 * @param medians by depth, over the seeds whose base was good enough
 * @param cells in the fit
 * @param censored of them: never below the share while tuned
 * @param slope of ln crossing over depth; a crossing that did not happen counts as one beyond the cell's last epoch or norm,
 *     see {@link CensoredLine}
 */
record ForgettingFit(
        Arm arm, double share, String along, Map<Integer, Estimate> medians, int cells, int censored, Estimate slope) {
    /** The shares of the first accuracy that are looked for. */
    static final List<Double> SHARES = List.of(.9, .5, .25, .1);

    ForgettingFit {
        medians = new LinkedHashMap<>(medians);
    }

    /** All of an experiment. */
    static List<ForgettingFit> of(ModularOptions options, List<Cell> cells) {
        List<ForgettingFit> fits = new ArrayList<>();
        for (Arm arm : options.parsedArms()) {
            List<Cell> own = cells.stream()
                    .filter(cell -> cell.arm().equals(arm) && cell.isTuned())
                    .toList();
            for (double share : SHARES) {
                fits.add(of(options, arm, own, share, "epoch", Curve.Point::epoch));
                fits.add(of(options, arm, own, share, "norm", Curve.Point::norm));
            }
        }
        return fits;
    }

    private static ForgettingFit of(
            ModularOptions options,
            Arm arm,
            List<Cell> cells,
            double share,
            String along,
            ToDoubleFunction<Curve.Point> read) {
        List<List<Point>> groups = new ArrayList<>();
        Map<Integer, Estimate> medians = new LinkedHashMap<>();
        for (int depth : options.depths()) {
            List<Point> points = cells.stream()
                    .filter(cell -> cell.depth() == depth)
                    .map(cell -> new Point(depth, cell.curve().fall(share, read)))
                    .toList();
            groups.add(points);
            medians.put(
                    depth,
                    Estimate.medianOf(points.stream()
                            .map(point -> point.fall().orInfinity())
                            .toList()));
        }
        List<Point> all = groups.stream().flatMap(List::stream).toList();
        int censored =
                (int) all.stream().filter(point -> !point.fall().isReached()).count();
        return new ForgettingFit(
                arm, share, along, medians, all.size(), censored, Estimate.of(groups, ForgettingFit::slope));
    }

    private static double slope(List<List<Point>> groups) {
        List<Point> points = groups.stream().flatMap(List::stream).toList();
        double[] depths = new double[points.size()];
        double[] logs = new double[points.size()];
        boolean[] isKnown = new boolean[points.size()];
        for (int k = 0; k < depths.length; k++) {
            depths[k] = points.get(k).depth();
            logs[k] = Math.log(points.get(k).fall().at());
            isKnown[k] = points.get(k).fall().isReached();
        }
        return CensoredLine.of(depths, logs, isKnown).slope();
    }

    private record Point(int depth, Fall fall) {}

    /** As fits.json holds it: what is not there is left out. */
    Map<String, Object> json() {
        Map<String, Object> json = new TreeMap<>();
        json.put("arm", arm.text());
        json.put("share", share);
        json.put("along", along);
        json.put("cells", cells);
        json.put("censored", censored);
        json.put("slope", json(slope));
        Map<String, Object> all = new TreeMap<>();
        medians.forEach((depth, median) -> all.put(String.valueOf(depth), json(median)));
        json.put("medians", all);
        return json;
    }

    private static Map<String, Object> json(Estimate estimate) {
        Map<String, Object> json = new TreeMap<>();
        put(json, "value", estimate.value());
        put(json, "low", estimate.low());
        put(json, "high", estimate.high());
        return json;
    }

    private static void put(Map<String, Object> json, String key, double value) {
        OptionalDouble finite = Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
        finite.ifPresent(number -> json.put(key, number));
    }
}
