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
 * @param slope of ln crossing over depth; the crossings that did not happen count as later than the last epoch, or larger
 *     than the cell's last norm
 */
record ForgettingFit(
        Arm arm, double share, String along, Map<Integer, Estimate> medians, int cells, int censored, Estimate slope) {
    /** The shares of the first accuracy that are looked for. */
    static final List<Double> SHARES = List.of(.9, .5, .25, .1);

    private static final long SEED = 1;

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
        List<Integer> depths = options.depths();
        double[][] crossings = new double[depths.size()][];
        Map<Integer, Estimate> medians = new LinkedHashMap<>();
        int censored = 0;
        for (int k = 0; k < crossings.length; k++) {
            int depth = depths.get(k);
            crossings[k] = cells.stream()
                    .filter(cell -> cell.depth() == depth)
                    .map(cell -> cell.crossing(share, read))
                    .mapToDouble(each -> each.orElse(Double.POSITIVE_INFINITY))
                    .toArray();
            medians.put(depth, Estimate.medianOf(crossings[k], SEED));
            for (double each : crossings[k]) {
                censored += Double.isInfinite(each) ? 1 : 0;
            }
        }
        double limit = Math.log(cells.stream()
                .map(Cell::curve)
                .mapToDouble(curve -> read.applyAsDouble(curve.last()))
                .max()
                .orElse(1));
        Estimate slope = Estimate.of(crossings, SEED, groups -> slope(depths, groups, limit));
        return new ForgettingFit(arm, share, along, medians, cells.size(), censored, slope);
    }

    private static double slope(List<Integer> depths, double[][] crossings, double limit) {
        List<double[]> points = new ArrayList<>();
        for (int k = 0; k < crossings.length; k++) {
            for (double each : crossings[k]) {
                points.add(new double[] {depths.get(k), Math.log(each)});
            }
        }
        return CensoredLine.of(
                        points.stream().mapToDouble(point -> point[0]).toArray(),
                        points.stream().mapToDouble(point -> point[1]).toArray(),
                        limit)
                .slope();
    }

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
