package dev.inlay.app.report;

import dev.inlay.app.report.Chart.Format;
import dev.inlay.app.report.Chart.Series;
import dev.inlay.app.report.Html.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The page about one run: what came of it, its curves, an example, what it worked on, and how to repeat it. */
record RunPage(Trace run) {
    private static final int SHOWN_STEPS = 20;

    Page page() {
        List<Chart> charts = charts();
        Html html = new Html();
        html.element("header", this::header, "class", "page");
        html.element("main", main -> {
            warnings(main);
            main.section("Curves", section -> curves(section, charts));
            main.section("Result", this::result);
            run.description().ifPresent(known -> new DescriptionSections(known).addTo(main));
            main.section("Settings", section -> values(section, "Settings of the run", "settings", "options"));
            main.section("Provenance", this::provenance);
            new RunFiles(run).addTo(main);
        });
        List<Chart> all = new ArrayList<>(charts);
        run.description().ifPresent(known -> all.add(new DescriptionSections(known).lengths()));
        return new Page(run.name() + " \u2013 Inlay", html.toString(), all);
    }

    private void header(Html html) {
        html.element("button", "Light or dark", "id", "theme", "type", "button", "hidden", "");
        html.element("p", "Inlay: report of a run", "class", "kicker");
        html.element("h1", run.name());
        html.element("p", line -> {
            line.element("strong", run.status(), "class", "status");
            line.text(" \u00B7 begun " + begun() + " \u00B7 on " + run.record().text("device", "an unknown device"));
        });
        String failure = run.history().end().map(History.End::message).orElse("");
        if (!failure.isEmpty()) {
            html.element("p", failure, "class", "failure");
        }
        html.element("dl", this::tiles, "class", "tiles");
    }

    /** To the second; the record has the whole moment. */
    private String begun() {
        return run.record().text("created", "at an unknown time").replaceFirst("T([0-9:]{8})(\\.\\d+)?Z$", " $1 UTC");
    }

    private void tiles(Html html) {
        History history = run.history();
        history.best().ifPresent(best -> tile(html, "Best validation loss", Words.loss(best.loss())));
        double base = run.result("base_validation_loss");
        if (Double.isFinite(base)) {
            tile(html, "Without the adapter", Words.loss(base));
        }
        tile(
                html,
                "Last training loss",
                Words.loss(history.last().map(History.Step::loss).orElse(Double.NaN)));
        int steps = history.last().map(History.Step::step).orElse(0);
        tile(html, "Steps", Words.count(steps) + " of " + Words.count(history.planned()));
        tile(html, "Trained parameters", Words.count(history.parameters()));
        tile(html, "Time", Words.duration(history.seconds()));
    }

    private static void tile(Html html, String name, String value) {
        html.element("div", box -> {
            box.element("dt", name);
            box.element("dd", value);
        });
    }

    private void warnings(Html html) {
        long unfinite = run.history().unfinite();
        List<String> warnings = new ArrayList<>(run.history().warnings());
        if (unfinite > 0) {
            warnings.add("steps with a loss or gradient norm that is not finite, gaps in the curves: "
                    + Words.count(unfinite));
        }
        if (!warnings.isEmpty()) {
            html.section(
                    "Warnings",
                    section -> section.element(
                            "ul",
                            list -> warnings.forEach(warning -> list.element("li", warning)),
                            "class",
                            "warnings"));
        }
    }

    private List<Chart> charts() {
        List<History.Step> steps = run.history().steps();
        return List.of(
                new Chart("loss", "Loss in nats", lossSummary(), Format.LOSS, List.of(), losses()),
                curve("rate-of-learning", "Learning rate", Format.SCIENTIFIC, steps, History.Step::learningRate),
                curve("gradient", "Gradient norm before clipping", Format.LOSS, steps, History.Step::gradientNorm),
                curve("speed", "Tokens per second", Format.COUNT, steps, History.Step::rate),
                curve("memory", "Peak memory of the process", Format.BYTES, steps, History.Step::memory));
    }

    private List<Series> losses() {
        List<History.Step> steps = run.history().steps();
        List<Series> losses = new ArrayList<>();
        losses.add(Series.ofSteps("training", steps, History.Step::loss));
        if (!run.history().evaluations().isEmpty()) {
            losses.add(Series.ofEvaluations("validation", run.history().evaluations()));
        }
        double base = run.result("base_validation_loss");
        if (Double.isFinite(base) && !steps.isEmpty()) {
            int last = steps.get(steps.size() - 1).step();
            losses.add(Series.level("without the adapter", steps.get(0).step(), last, base));
        }
        return losses;
    }

    private static Chart curve(
            String id, String title, Format format, List<History.Step> steps, ToDoubleFunction<History.Step> value) {
        return new Chart(
                id,
                title,
                Summary.of(steps, value, format),
                format,
                List.of(),
                List.of(Series.ofSteps(title.toLowerCase(Locale.ROOT), steps, value)));
    }

    private String lossSummary() {
        String training = "training: " + Summary.of(run.history().steps(), History.Step::loss, Format.LOSS);
        return run.history()
                .best()
                .map(best -> training + "; best validation: " + Words.loss(best.loss()) + " at step " + best.step())
                .orElse(training + "; nothing was evaluated");
    }

    private void curves(Html html, List<Chart> charts) {
        html.element("div", grid -> charts.forEach(chart -> chart.addTo(grid)), "class", "charts");
        int width = Chart.perPoint(run.history().steps().size());
        if (width > 1) {
            html.element("p", "Each point is the mean of " + width + " steps; metrics.jsonl has them all.");
        }
        html.element("details", details -> {
            details.element("summary", "Numbers of some steps");
            details.table(
                    "Steps, evenly chosen",
                    List.of(
                            Column.number("Step"),
                            Column.number("Loss"),
                            Column.number("Learning rate"),
                            Column.number("Gradient norm"),
                            Column.number("Tokens/s"),
                            Column.number("Peak memory"),
                            Column.number("Tokens")),
                    chosen().stream().map(RunPage::row).toList());
        });
    }

    private List<History.Step> chosen() {
        List<History.Step> steps = run.history().steps();
        int shown = Math.min(SHOWN_STEPS, steps.size());
        List<History.Step> chosen = new ArrayList<>();
        for (int i = 0; i < shown; i++) {
            chosen.add(steps.get(shown == 1 ? 0 : (int) ((long) i * (steps.size() - 1) / (shown - 1))));
        }
        return chosen;
    }

    private static List<String> row(History.Step step) {
        return List.of(
                Words.count(step.step()),
                Words.loss(step.loss()),
                Words.small(step.learningRate()),
                Words.small(step.gradientNorm()),
                Words.count(step.rate()),
                Words.gigabytes(step.memory()),
                Words.count(step.tokens()));
    }

    private void result(Html html) {
        run.result()
                .ifPresentOrElse(
                        result -> html.table(
                                "What came of the run",
                                List.of(Column.text("Measure"), Column.text("Value")),
                                ResultRows.of(result)),
                        () -> html.element("p", "No result is on record; a run writes it when it comes to its end."));
        if (run.history().evaluations().isEmpty()) {
            html.element("p", "Nothing was set aside to evaluate on, so it is not known how it does on other texts.");
            return;
        }
        html.table(
                "Evaluations",
                List.of(Column.number("Step"), Column.number("Loss"), Column.number("Perplexity"), Column.text("")),
                run.history().evaluations().stream()
                        .map(each -> List.of(
                                Words.count(each.step()),
                                Words.loss(each.loss()),
                                Words.perplexity(each.loss()),
                                each.best() ? "best so far" : ""))
                        .toList());
    }

    private void provenance(Html html) {
        values(html, "What decides the numbers", "seeds", "inputs", "versions", "device", "threads");
        html.table(
                "Data files",
                List.of(Column.text("File"), Column.number("Bytes"), Column.text("SHA-256")),
                run.record().objects("files").stream()
                        .map(file -> List.of(
                                file.text("path"),
                                Words.count(file.integer("bytes", 0, Long.MAX_VALUE)),
                                file.text("sha256")))
                        .toList());
    }

    private void values(Html html, String caption, String... parts) {
        List<List<String>> rows = new ArrayList<>();
        for (Map.Entry<String, String> value : run.values(parts).entrySet()) {
            rows.add(List.of(value.getKey(), value.getValue()));
        }
        html.table(caption, List.of(Column.text("Name"), Column.text("Value")), rows);
    }
}
