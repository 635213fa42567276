package dev.inlay.app.report;

import dev.inlay.app.report.Chart.Format;
import dev.inlay.app.report.Chart.Series;
import dev.inlay.app.report.Html.Column;
import dev.inlay.training.data.ExampleText;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The parts of a page that say what a run works on: example, data, model and adapted modules. */
record DescriptionSections(Description known) {
    void addTo(Html html) {
        html.section("First example", this::example);
        html.section("Data", this::data);
        html.section("Model", this::model);
    }

    private void example(Html html) {
        example(html, known.sample());
    }

    /** A row with its marks, and what they mean. */
    static void example(Html html, Description.Sample sample) {
        boolean gated = !Stream.concat(sample.text().start().stream(), sample.text().end().stream())
                .allMatch(ExampleText.Piece::open);
        html.element(
                "p",
                "Line " + Words.count(sample.line()) + ": " + Words.count(sample.tokens()) + " tokens, of which "
                        + Words.count(sample.targets()) + " are learned (loss falls on them).");
        html.element(
                "p",
                legend -> {
                    legend.element("span", "learned", "class", "learned");
                    legend.element("span", "only read");
                    legend.element("span", "control token", "class", "control");
                    if (gated) {
                        legend.element("span", "the adapter acts", "class", "open");
                    }
                    legend.element("span", "\u21B5 line break  \u21E5 tab  \uFFFD other control character");
                },
                "class",
                "legend");
        html.element(
                "div",
                text -> {
                    sample.text().start().forEach(piece -> piece(text, piece, gated));
                    if (sample.text().leftOut() > 0) {
                        text.element(
                                "p",
                                Words.count(sample.text().leftOut()) + " tokens are not shown",
                                "class",
                                "left-out");
                    }
                    sample.text().end().forEach(piece -> piece(text, piece, gated));
                },
                "class",
                "example");
    }

    private static void piece(Html html, ExampleText.Piece piece, boolean gated) {
        String kind = (piece.target() ? "learned" : "read")
                + (piece.control() ? " control" : "")
                + (gated && piece.open() ? " open" : "");
        String[] lines = piece.text().replace('\t', '\u21E5').split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            boolean broken = i + 1 < lines.length;
            html.element("span", broken ? lines[i] + "\u21B5" : lines[i], "class", kind);
            if (broken) {
                html.lineBreak();
            }
        }
    }

    private void data(Html html) {
        html.table(
                "Rows and tokens",
                List.of(
                        Column.text("Part"),
                        Column.number("Rows"),
                        Column.number("Examples"),
                        Column.number("Tokens"),
                        Column.number("Learned"),
                        Column.number("Share")),
                known.data().stream()
                        .map(part -> List.of(
                                part.name(),
                                Words.count(part.rows()),
                                Words.count(part.examples()),
                                Words.count(part.tokens()),
                                Words.count(part.targets()),
                                Words.percent(part.targets(), part.tokens())))
                        .toList());
        html.element("div", grid -> lengths().addTo(grid), "class", "charts");
        html.element(
                "ul",
                list -> known.data()
                        .forEach(part ->
                                part.lines().forEach(line -> list.element("li", part.name() + " \u2013 " + line))));
    }

    /** How long the rows are, before anything is split or cut. */
    Chart lengths() {
        int ranges = known.data().stream()
                .mapToInt(part -> part.lengths().size())
                .max()
                .orElse(0);
        int first = 0;
        while (first < ranges && isEmpty(first)) {
            first++;
        }
        List<String> categories = new ArrayList<>();
        for (int k = first; k < ranges; k++) {
            categories.add((1L << k) + "\u2013" + ((2L << k) - 1));
        }
        List<Series> series = new ArrayList<>();
        for (Description.Part part : known.data()) {
            List<Long> rows = new ArrayList<>();
            for (int k = first; k < ranges; k++) {
                rows.add(at(part, k));
            }
            series.add(Series.bars(part.name(), rows));
        }
        String summary = "rows by their length in tokens; the numbers are below";
        return new Chart("lengths", "Rows by length in tokens", summary, Format.COUNT, categories, series);
    }

    private boolean isEmpty(int range) {
        return known.data().stream().allMatch(part -> at(part, range) == 0);
    }

    private static long at(Description.Part part, int range) {
        return range < part.lengths().size() ? part.lengths().get(range) : 0;
    }

    private void model(Html html) {
        html.table(
                known.modules().isEmpty() ? "The model" : "The base model",
                List.of(Column.text("Name"), Column.text("Value")),
                known.model().stream()
                        .map(fact -> List.of(fact.name(), fact.value()))
                        .toList());
        if (known.modules().isEmpty()) {
            return;
        }
        html.table(
                "Adapted modules",
                List.of(
                        Column.text("Module"),
                        Column.text("Layers"),
                        Column.number("Rank"),
                        Column.number("In"),
                        Column.number("Out"),
                        Column.number("Parameters")),
                known.modules().stream()
                        .map(each -> List.of(
                                each.name(),
                                Words.count(each.layers()) + " of " + Words.count(each.all()),
                                Words.count(each.rank()),
                                Words.count(each.in()),
                                Words.count(each.out()),
                                Words.count(each.parameters())))
                        .toList());
    }
}
