package dev.inlay.app.report;

import dev.inlay.app.report.Chart.Format;
import dev.inlay.app.report.Chart.Series;
import dev.inlay.app.report.Html.Column;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/** The page about several runs: results side by side, curves over each other, and the settings that differ. */
record ComparisonPage(List<Trace> runs) {
    private static final String[] PARTS = {"settings", "options", "seeds", "inputs", "versions", "device", "threads"};

    Page page() {
        List<Chart> charts = charts();
        Html html = new Html();
        html.element("header", this::header, "class", "page");
        html.element("main", main -> {
            main.section("Results", this::results);
            main.section(
                    "Curves",
                    section -> section.element(
                            "div", grid -> charts.forEach(chart -> chart.addTo(grid)), "class", "charts"));
            main.section("Settings that differ", this::settings);
        });
        return new Page("Comparison of " + runs.size() + " runs \u2013 Inlay", html.toString(), charts);
    }

    private void header(Html html) {
        html.element("button", "Light or dark", "id", "theme", "type", "button", "hidden", "");
        html.element("p", "Inlay: comparison of runs", "class", "kicker");
        html.element("h1", runs.size() + " runs");
        html.element("p", String.join(" \u00B7 ", labels()));
    }

    /** The names of the runs, or their directories where two have the same name. */
    List<String> labels() {
        List<String> names = runs.stream().map(Trace::name).toList();
        boolean differ = new LinkedHashSet<>(names).size() == names.size();
        return differ ? names : runs.stream().map(run -> run.path().toString()).toList();
    }

    private void results(Html html) {
        List<List<String>> rows = new ArrayList<>();
        List<String> labels = labels();
        for (int i = 0; i < runs.size(); i++) {
            rows.add(row(labels.get(i), runs.get(i)));
        }
        html.table(
                "Results side by side; losses in nats",
                List.of(
                        Column.text("Run"),
                        Column.text("Ended"),
                        Column.number("Best validation"),
                        Column.number("at step"),
                        Column.number("Without adapter"),
                        Column.number("Last training"),
                        Column.number("Steps"),
                        Column.number("Parameters"),
                        Column.number("Tokens/s"),
                        Column.number("Peak memory"),
                        Column.number("Time")),
                rows);
    }

    private static List<String> row(String label, Trace run) {
        History history = run.history();
        return List.of(
                label,
                run.status(),
                history.best().map(best -> Words.loss(best.loss())).orElse(Words.UNKNOWN),
                history.best().map(best -> Words.count(best.step())).orElse(Words.UNKNOWN),
                Words.loss(run.result("base_validation_loss")),
                Words.loss(history.last().map(History.Step::loss).orElse(Double.NaN)),
                history.last().map(step -> Words.count(step.step())).orElse("0"),
                Words.count(history.parameters()),
                Words.count(history.mean(History.Step::rate).orElse(Double.NaN)),
                Words.gigabytes(history.most(History.Step::memory).orElse(Double.NaN)),
                Words.duration(history.seconds()));
    }

    private List<Chart> charts() {
        return List.of(
                curves("loss", "Training loss in nats", Format.LOSS, History.Step::loss),
                validation(),
                curves("rate-of-learning", "Learning rate", Format.SCIENTIFIC, History.Step::learningRate),
                curves("gradient", "Gradient norm before clipping", Format.LOSS, History.Step::gradientNorm),
                curves("speed", "Tokens per second", Format.COUNT, History.Step::rate),
                curves("memory", "Peak memory of the process", Format.BYTES, History.Step::memory));
    }

    private Chart curves(String id, String title, Format format, ToDoubleFunction<History.Step> value) {
        List<Series> series = new ArrayList<>();
        List<String> words = new ArrayList<>();
        List<String> labels = labels();
        for (int i = 0; i < runs.size(); i++) {
            List<History.Step> steps = runs.get(i).history().steps();
            series.add(Series.ofSteps(labels.get(i), steps, value));
            words.add(labels.get(i) + ": " + Summary.of(steps, value, format));
        }
        return new Chart(id, title, String.join("; ", words), format, List.of(), series);
    }

    private Chart validation() {
        List<Series> series = new ArrayList<>();
        List<String> words = new ArrayList<>();
        List<String> labels = labels();
        for (int i = 0; i < runs.size(); i++) {
            History history = runs.get(i).history();
            series.add(Series.ofEvaluations(labels.get(i), history.evaluations()));
            words.add(labels.get(i) + ": "
                    + history.best()
                            .map(best -> "best " + Words.loss(best.loss()) + " at step " + best.step())
                            .orElse("nothing was evaluated"));
        }
        String summary = String.join("; ", words);
        return new Chart("validation", "Validation loss in nats", summary, Format.LOSS, List.of(), series);
    }

    private void settings(Html html) {
        List<Map<String, String>> values =
                runs.stream().map(run -> run.values(PARTS)).toList();
        Set<String> names = new TreeSet<>();
        values.forEach(each -> names.addAll(each.keySet()));
        List<List<String>> rows = new ArrayList<>();
        for (String name : names) {
            List<String> row = new ArrayList<>(List.of(name));
            values.forEach(each -> row.add(each.getOrDefault(name, "absent")));
            if (new LinkedHashSet<>(row.subList(1, row.size())).size() > 1) {
                rows.add(row);
            }
        }
        List<Column> columns = new ArrayList<>(List.of(Column.text("Name")));
        labels().forEach(label -> columns.add(Column.text(label)));
        if (!rows.isEmpty()) {
            html.table("Settings, seeds, inputs and versions", columns, rows);
        }
        html.element("p", Words.count(names.size() - rows.size()) + " others are the same in all runs.");
    }
}
