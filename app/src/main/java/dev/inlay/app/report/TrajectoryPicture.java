package dev.inlay.app.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Trajectories of tokens as one SVG picture: runs side by side on common axes, starts as squares, ends as dots. */
public final class TrajectoryPicture {
    private static final int SIZE = 420;
    private static final int MARGIN = 24;
    private static final String[] COLOURS = {
        "#0b5fa5", "#c2410c", "#1d7a46", "#86309b", "#8a6d00", "#0f7c85", "#b3194f", "#4b5563"
    };

    private TrajectoryPicture() {}

    /**
     * A run.
     *
     * @param frames positions [n, d] at each time; the first two coordinates are drawn
     * @param groups of each token, which give the colours
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
    public record Panel(String name, List<double[]> frames, int[] groups) {
        double x(int frame, int token, int d) {
            return frames.get(frame)[token * d];
        }

        double y(int frame, int token, int d) {
            return d > 1 ? frames.get(frame)[token * d + 1] : token / (double) groups.length;
        }
    }

    /** The picture's text. */
    public static String svg(List<Panel> panels, int d) {
        double[] box = box(panels, d);
        double scale = (SIZE - 2 * MARGIN) / Math.max(1e-12, Math.max(box[1] - box[0], box[3] - box[2]));
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\">%n",
                SIZE * panels.size(),
                SIZE + MARGIN));
        svg.append("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
        for (int p = 0; p < panels.size(); p++) {
            Panel panel = panels.get(p);
            Html name = new Html();
            name.text(panel.name());
            svg.append(String.format(
                    Locale.ROOT, "<text x=\"%d\" y=\"16\" font-size=\"14\">%s</text>%n", p * SIZE + MARGIN, name));
            for (int i = 0; i < panel.groups().length; i++) {
                token(svg, panel, i, d, new double[] {p * SIZE + MARGIN, MARGIN, box[0], box[3], scale});
            }
        }
        return svg.append("</svg>\n").toString();
    }

    private static void token(StringBuilder svg, Panel panel, int i, int d, double[] map) {
        String colour = COLOURS[panel.groups()[i] % COLOURS.length];
        // Tokens that rest would fill the file with one point.
        List<String> points = new ArrayList<>();
        double x = 0;
        double y = 0;
        for (int k = 0; k < panel.frames().size(); k++) {
            x = map[0] + (panel.x(k, i, d) - map[2]) * map[4];
            y = map[1] + (map[3] - panel.y(k, i, d)) * map[4];
            String point = String.format(Locale.ROOT, "%.1f,%.1f", x, y);
            if (k == 0 || !point.equals(points.get(points.size() - 1))) {
                points.add(point);
            }
            if (k == 0) {
                svg.append(String.format(
                        Locale.ROOT,
                        "<rect x=\"%.2f\" y=\"%.2f\" width=\"4\" height=\"4\" fill=\"%s\" opacity=\"0.5\"/>%n",
                        x - 2,
                        y - 2,
                        colour));
            }
        }
        svg.append(String.format(
                Locale.ROOT,
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" opacity=\"0.5\"/>%n",
                String.join(" ", points),
                colour));
        svg.append(String.format(Locale.ROOT, "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"4\" fill=\"%s\"/>%n", x, y, colour));
    }

    private static double[] box(List<Panel> panels, int d) {
        double[] box = {
            Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY
        };
        for (Panel panel : panels) {
            for (int k = 0; k < panel.frames().size(); k++) {
                for (int i = 0; i < panel.groups().length; i++) {
                    box[0] = Math.min(box[0], panel.x(k, i, d));
                    box[1] = Math.max(box[1], panel.x(k, i, d));
                    box[2] = Math.min(box[2], panel.y(k, i, d));
                    box[3] = Math.max(box[3], panel.y(k, i, d));
                }
            }
        }
        return box;
    }
}
