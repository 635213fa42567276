package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.app.experiments.flags.FlagReport;
import dev.inlay.app.experiments.flags.FlagRows.FlagRow;
import dev.inlay.app.experiments.flags.Interval;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** Shows how well flags are told apart. */
record FlagResult(FlagEvaluation evaluation) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    void show(Console console, boolean perRow) {
        if (perRow) {
            console.result("row,line,flag,"
                    + String.join(
                            ",",
                            evaluation.logits().keySet().stream()
                                    .map(who -> who + "_logit")
                                    .toList()));
            for (int i = 0; i < evaluation.rows().size(); i++) {
                console.result(csv(i));
                console.result(json(i));
            }
        }
        Map<String, FlagReport> whole = evaluation.whole();
        Map<String, Map<String, FlagReport>> groups = evaluation.groups();
        Consumer<String> print = perRow ? console::note : console::result;
        print.accept(String.format(
                Locale.ROOT,
                "%-24s %6s %6s  %-20s  %-20s  %-20s  %s",
                "",
                "FAIL",
                "PASS",
                "FAIL right",
                "PASS right",
                "balanced",
                "AUROC"));
        whole.forEach((who, report) -> print.accept(line(who, report)));
        groups.forEach(
                (label, reports) -> reports.forEach((who, report) -> print.accept(line(label + " " + who, report))));
        console.result(json(whole, groups));
    }

    private static String line(String name, FlagReport report) {
        return String.format(
                Locale.ROOT,
                "%-24s %,6d %,6d  %-20s  %-20s  %-20s  %s",
                name,
                report.measures().fails(),
                report.measures().passes(),
                shown(report.measures().failRight(), report.failRight()),
                shown(report.measures().passRight(), report.passRight()),
                shown(report.measures().balanced(), report.balanced()),
                shown(report.measures().auroc(), report.auroc()));
    }

    private static String shown(double value, Interval interval) {
        String number = Double.isFinite(value) ? String.format(Locale.ROOT, "%.3f", value) : "-";
        return Double.isFinite(interval.low())
                ? String.format(Locale.ROOT, "%s [%.3f %.3f]", number, interval.low(), interval.high())
                : number;
    }

    private String csv(int row) {
        FlagRow flag = evaluation.rows().get(row);
        StringBuilder line = new StringBuilder((row + 1) + "," + flag.line() + "," + flag.truth());
        evaluation.logits().values().forEach(logits -> line.append(',').append(logits[row]));
        return line.toString();
    }

    private ObjectNode json(int row) {
        FlagRow flag = evaluation.rows().get(row);
        ObjectNode object = JSON.createObjectNode();
        object.put("row", row + 1);
        object.put("line", flag.line());
        object.put("flag", flag.truth().name());
        evaluation.logits().forEach((who, logits) -> object.put(who + "_logit", logits[row]));
        return object;
    }

    private ObjectNode json(Map<String, FlagReport> whole, Map<String, Map<String, FlagReport>> groups) {
        ObjectNode object = JSON.createObjectNode();
        object.put("rows", evaluation.rows().size());
        whole.forEach((who, report) -> object.set(who, json(report)));
        if (!groups.isEmpty()) {
            ObjectNode all = object.putObject("groups");
            groups.forEach((label, reports) -> {
                ObjectNode group = all.putObject(label);
                reports.forEach((who, report) -> group.set(who, json(report)));
            });
        }
        return object;
    }

    private static ObjectNode json(FlagReport report) {
        ObjectNode object = JSON.createObjectNode();
        object.put("fails", report.measures().fails());
        object.put("passes", report.measures().passes());
        put(object, "fail_right", report.measures().failRight(), report.failRight());
        put(object, "pass_right", report.measures().passRight(), report.passRight());
        put(object, "balanced_accuracy", report.measures().balanced(), report.balanced());
        put(object, "auroc", report.measures().auroc(), report.auroc());
        return object;
    }

    /** A measure that does not exist has no key; JSON has no word for it. */
    private static void put(ObjectNode object, String key, double value, Interval interval) {
        if (Double.isFinite(value)) {
            object.put(key, value);
        }
        if (Double.isFinite(interval.low())) {
            object.putArray(key + "_interval").add(interval.low()).add(interval.high());
        }
    }
}
