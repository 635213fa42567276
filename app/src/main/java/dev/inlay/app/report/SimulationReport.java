package dev.inlay.app.report;

import dev.inlay.app.report.Html.Column;
import dev.inlay.model.files.AtomicFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The page about a simulation: trajectories as an animation, base and changed side by side, with curves and events on one
 * axis of time; or the diagrams of a sweep. One file that opens without a network.
 *
 * <table>
 * <caption>Keys of the data</caption>
 * <tr><td>{@code times}, {@code dimension}, {@code sphere}</td><td>of the frames</td></tr>
 * <tr><td>{@code runs}</td><td>for each {@code name}, {@code frames} (coordinates of all tokens, at most three each), {@code
 *     strongest} and {@code attention}, which is empty where there are many tokens</td></tr>
 * <tr><td>{@code events}</td><td>{@code time}, {@code run}, {@code kind}, {@code detail}</td></tr>
 * <tr><td>{@code curves}</td><td>{@code title}, {@code log}, {@code series} of {@code name} and {@code values}</td></tr>
 * <tr><td>{@code diagrams}</td><td>{@code title}, {@code x} and {@code y} with {@code name}, {@code log} and {@code values},
 *     and {@code cells} (row by row of y), {@code classes} where cells are of a few kinds</td></tr>
 * <tr><td>{@code plots}</td><td>{@code title}, {@code section} under whose heading it stands, {@code x}, {@code y}, {@code
 *     logX}, {@code logY}, {@code series} of {@code name}, {@code points} and {@code style}: {@code points}, {@code line}
 *     or {@code dashed}</td></tr>
 * </table>
 */
public final class SimulationReport {
    private SimulationReport() {}

    /**
     * What stands above all.
     *
     * @param kicker what kind of page it is
     * @param lead what it is about, in a sentence
     */
    public record Heading(String kicker, String title, String lead) {
        /** Of simulations. */
        public static Heading ofSimulation(String title, String lead) {
            return new Heading("simulation of tokens", title, lead);
        }
    }

    /** A table with its heading; the first column names the rows. */
    public record Table(String title, List<String> columns, List<List<String>> rows) {}

    /**
     * Writes the page.
     *
     * @param tiles names and values of the results that matter most
     */
    public static void write(
            Path page,
            Heading heading,
            List<Map.Entry<String, String>> tiles,
            List<Table> tables,
            Map<String, Object> data) {
        Html html = new Html();
        html.element(
                "header",
                header -> {
                    header.element("button", "Light or dark", "id", "theme", "type", "button", "hidden", "");
                    header.element("p", "Inlay: " + heading.kicker(), "class", "kicker");
                    header.element("h1", heading.title());
                    header.element("p", heading.lead());
                    header.element("dl", list -> tiles.forEach(tile -> tile(list, tile)), "class", "tiles");
                },
                "class",
                "page");
        html.element("main", main -> {
            main.element("div", "", "id", "simulation-place");
            main.element("noscript", "The pictures need scripts, which this browser does not run; the tables do not.");
            tables.stream().filter(table -> !table.rows().isEmpty()).forEach(table -> add(main, table));
        });
        Page.Drawing drawing = new Page.Drawing("simulation.js", "simulation", data);
        AtomicFile.write(
                page, new Page(heading.title() + " \u2013 Inlay", html.toString(), List.of(), List.of(drawing)).html());
    }

    private static void tile(Html html, Map.Entry<String, String> tile) {
        html.element("div", box -> {
            box.element("dt", tile.getKey());
            box.element("dd", tile.getValue());
        });
    }

    private static void add(Html html, Table table) {
        html.section(table.title(), table.columns().stream().map(Column::text).toList(), table.rows());
    }
}
