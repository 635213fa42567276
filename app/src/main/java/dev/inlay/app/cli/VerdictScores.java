package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.app.experiments.world.Verdicts;
import dev.inlay.app.experiments.world.Verdicts.Verdict;
import dev.inlay.model.Intervention;
import dev.inlay.model.text.Conversation;
import dev.inlay.model.text.Message;
import dev.inlay.training.data.Dataset;
import dev.inlay.training.data.Row;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;

/**
 * Verdicts on new reviews: of the base, with the adapter, and of the best possible model.
 *
 * @param least mean of {@code -log P(right answer | review)} as the grammar has it, in nats
 * @param best reviews whose likeliest answer is the right one
 */
record VerdictScores(List<Verdict> asked, Side base, Side adapter, double least, long best) {
    private static final int SHOWN = 3;
    private static final String ROW = "  %-22s %14s %18s";

    /**
     * One who answered.
     *
     * @param loss of the right answers, in nats per answer
     * @param right answers that are exactly right
     */
    private record Side(List<String> answers, double loss, long right) {
        static Side of(Exam exam, List<Verdict> asked, List<Intervention> interventions) {
            List<Row> rows = new ArrayList<>();
            for (Verdict each : asked) {
                Message user = new Message("user", each.review());
                Message assistant = new Message("assistant", each.answer());
                rows.add(new Row.ChatRow(rows.size() + 1, Conversation.of(user, assistant)));
            }
            List<String> answers =
                    exam.answers(asked.stream().map(Verdict::review).toList(), interventions);
            long right = 0;
            for (int i = 0; i < answers.size(); i++) {
                right += answers.get(i).equals(asked.get(i).answer()) ? 1 : 0;
            }
            double loss = exam.loss(new Dataset("verdicts", rows), interventions);
            return new Side(answers, loss, right);
        }
    }

    static VerdictScores of(Exam exam, Verdicts verdicts, int count, List<Intervention> adapter) {
        List<Verdict> asked = verdicts.first(count);
        double least = 0;
        long best = 0;
        for (Verdict each : asked) {
            SortedMap<String, Double> chances = verdicts.chances(each);
            String likeliest = Collections.max(chances.entrySet(), Map.Entry.comparingByValue())
                    .getKey();
            least -= Math.log(chances.getOrDefault(each.answer(), 0.0)) / count;
            best += likeliest.equals(each.answer()) ? 1 : 0;
        }
        Side bare = Side.of(exam, asked, List.of());
        return new VerdictScores(asked, bare, Side.of(exam, asked, adapter), least, best);
    }

    void show(Console console) {
        console.result("Compared on " + asked.size() + " new reviews");
        console.result(String.format(Locale.ROOT, ROW, "", "right answers", "loss per answer"));
        console.result(row("base", base.right(), base.loss()));
        console.result(row("base + adapter", adapter.right(), adapter.loss()));
        console.result(row("best possible (floor)", best, least));
        console.result("  Guessing one of the " + Verdicts.ANSWERS + " answers would be right once in "
                + Verdicts.ANSWERS + "; the opinions do not decide the verdict, so nobody is always right.");
        console.result("Side by side");
        for (int i = 0; i < Math.min(SHOWN, asked.size()); i++) {
            console.result("  review   " + asked.get(i).review());
            console.result("  right    " + asked.get(i).answer());
            console.result("  base     " + base.answers().get(i));
            console.result("  adapter  " + adapter.answers().get(i));
            console.result("");
        }
    }

    private String row(String name, long right, double loss) {
        String share = String.format(Locale.ROOT, "%d (%.0f %%)", right, 100.0 * right / asked.size());
        return String.format(Locale.ROOT, ROW, name, share, String.format(Locale.ROOT, "%.3f nats", loss));
    }

    /** As the run's result holds it. */
    void addTo(ObjectNode result) {
        result.put("answers", asked.size());
        result.put("right", adapter.right());
        result.put("base_right", base.right());
        result.put("best_right", best);
        result.put("answers_loss", adapter.loss());
        result.put("base_answers_loss", base.loss());
        result.put("least_answers_loss", least);
    }
}
