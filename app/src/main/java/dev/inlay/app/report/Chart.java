package dev.inlay.app.report;

import dev.inlay.OneLine;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A picture of numbers, drawn by the page's script.
 *
 * @param id of its place in the page
 * @param summary what a reader who does not see the picture should know
 * @param format of the values: {@code loss}, {@code scientific}, {@code count} or {@code bytes}
 * @param categories under the bars; empty where steps of the run are on the horizontal axis
 */
record Chart(String id, String title, String summary, Format format, List<String> categories, List<Series> series) {
    /** More points than a screen is wide say nothing. */
    static final int MOST_POINTS = 1000;

    private static final MathContext DIGITS = new MathContext(6);

    /** How values are written. */
    enum Format {
        LOSS,
        SCIENTIFIC,
        COUNT,
        BYTES
    }

    /** How a series is drawn. */
    enum Style {
        /** A line through many points. */
        LINE,
        /** A line with a mark at each point. */
        POINTS,
        /** A dotted line at one height. */
        LEVEL,
        BARS
    }

    /** Values by step; a value that is not finite is a gap. */
    record Series(String name, Style style, List<List<@Nullable Number>> points) {
        Series {
            name = OneLine.of(name);
        }

        /** One point for each step of a run, or means over equally many steps where there are too many. */
        static Series ofSteps(String name, List<History.Step> steps, ToDoubleFunction<History.Step> value) {
            List<List<@Nullable Number>> points = new ArrayList<>();
            int width = perPoint(steps.size());
            for (int at = 0; at < steps.size(); at += width) {
                List<History.Step> some = steps.subList(at, Math.min(at + width, steps.size()));
                double mean = some.stream()
                        .mapToDouble(value)
                        .filter(Double::isFinite)
                        .average()
                        .orElse(Double.NaN);
                points.add(point(some.get(some.size() - 1).step(), mean));
            }
            return new Series(name, Style.LINE, points);
        }

        static Series ofEvaluations(String name, List<History.Evaluation> evaluations) {
            return new Series(
                    name,
                    Style.POINTS,
                    evaluations.stream()
                            .map(each -> point(each.step(), each.loss()))
                            .toList());
        }

        static Series level(String name, int first, int last, double value) {
            return new Series(name, Style.LEVEL, List.of(point(first, value), point(last, value)));
        }

        static Series bars(String name, List<Long> heights) {
            List<List<@Nullable Number>> points = new ArrayList<>();
            heights.forEach(height -> points.add(point(points.size(), height)));
            return new Series(name, Style.BARS, points);
        }

        private static List<@Nullable Number> point(int step, double value) {
            @Nullable
            Number shown =
                    Double.isFinite(value) ? new BigDecimal(value).round(DIGITS).doubleValue() : null;
            return Arrays.asList(step, shown);
        }
    }

    /** Steps whose mean is one point of a curve. */
    static int perPoint(int steps) {
        return Math.max(1, (steps + MOST_POINTS - 1) / MOST_POINTS);
    }

    /** What the script needs. */
    Map<String, Object> toJson() {
        Map<String, Object> json = new TreeMap<>();
        json.put("id", id);
        json.put("format", format.name());
        json.put("categories", categories);
        json.put("series", series);
        return json;
    }

    /** The place where the picture will be, with its words. */
    void addTo(Html html) {
        html.element("figure", figure -> {
            figure.element("figcaption", title);
            figure.element("div", "", "id", id, "class", "chart", "role", "img", "aria-label", summary);
            figure.element("p", summary, "class", "summary");
        });
    }
}
