package dev.inlay.app.experiments.world;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/** The floors of the registers as files and pages show them. */
final class Floors {
    private Floors() {}

    static Map<String, Object> json(RegisterSummary summary) {
        Map<String, Object> json = new TreeMap<>();
        json.put("split", summary.split().toString());
        json.put("register", summary.register().toString());
        json.put("rows", summary.rows());
        json.put("words", summary.words());
        json.put("kinds", summary.exact());
        json.put("nats", summary.floor());
        json.put("nats_known", summary.floorKnown());
        json.put("sampled", summary.rows() == 0 ? "no rows" : summary.mean());
        json.put("sampled_error", summary.error());
        json.put("sampled_known", summary.rows() == 0 ? "no rows" : summary.meanKnown());
        return json;
    }

    static String csv(List<RegisterSummary> summaries) {
        StringBuilder csv =
                new StringBuilder("split,register,rows,words,nats,nats_known,sampled,sampled_error,sampled_known\n");
        for (RegisterSummary each : summaries) {
            csv.append(String.format(
                    Locale.ROOT,
                    "%s,%s,%d,%d,%.6f,%.6f,%.6f,%.6f,%.6f%n",
                    each.split(),
                    each.register(),
                    each.rows(),
                    each.words(),
                    each.floor(),
                    each.floorKnown(),
                    each.mean(),
                    each.error(),
                    each.meanKnown()));
        }
        return csv.toString().replace(System.lineSeparator(), "\n");
    }

    /** The table of the guide: exact floors of every register and split. */
    static String markdown(Split split) {
        StringBuilder page = new StringBuilder("""
                | register | name | fact | plan | form | word | floor | knowing the world |
                |---|---|---|---|---|---|---|---|
                """);
        new Corpus(split, List.of(Register.values()), 0, OptionalLong.empty())
                .floors()
                .forEach((register, nats) -> page.append(line(register, nats)));
        return page.toString();
    }

    private static String line(Register register, Map<Kind, Double> nats) {
        StringBuilder line = new StringBuilder("| " + register);
        double sum = 0;
        for (Kind kind : Kind.values()) {
            double part = nats.getOrDefault(kind, 0.0);
            sum += part;
            line.append(String.format(Locale.ROOT, " | %.3f", part));
        }
        double known = sum - nats.getOrDefault(Kind.FACT, 0.0);
        return line + String.format(Locale.ROOT, " | %.3f | %.3f |\n", sum, known);
    }
}
