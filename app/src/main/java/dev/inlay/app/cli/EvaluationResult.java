package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.training.Evaluation;
import dev.inlay.training.data.Example;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/** Losses of the bare model and, if there is one, of the model with its adapter. */
record EvaluationResult(List<Example> examples, Evaluation.Result base, Optional<Evaluation.Result> adapted) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    void show(Console console, boolean perRow) {
        if (perRow) {
            console.result("row,line,targets,base_loss" + (adapted.isPresent() ? ",adapter_loss" : ""));
            for (int i = 0; i < examples.size(); i++) {
                console.result(csv(i));
                console.result(json(i));
            }
        }
        summary(perRow ? console::note : console::result);
        console.result(json());
    }

    private void summary(Consumer<String> print) {
        print.accept(String.format(Locale.ROOT, "%-10s %10s %12s %10s", "", "loss", "perplexity", "targets"));
        print.accept(line("base", base));
        adapted.ifPresent(result -> {
            print.accept(line("adapter", result));
            print.accept(String.format(
                    Locale.ROOT,
                    "%-10s %+10.4f %+12.4f",
                    "change",
                    result.loss() - base.loss(),
                    result.perplexity() - base.perplexity()));
        });
    }

    private static String line(String name, Evaluation.Result result) {
        return String.format(
                Locale.ROOT, "%-10s %10.4f %12.4f %,10d", name, result.loss(), result.perplexity(), result.targets());
    }

    private String csv(int row) {
        Evaluation.RowLoss loss = base.rows().get(row);
        String line = (row + 1) + "," + examples.get(row).line() + "," + loss.targets() + "," + loss.loss();
        return line + adapted.map(result -> "," + result.rows().get(row).loss()).orElse("");
    }

    private ObjectNode json(int row) {
        Evaluation.RowLoss loss = base.rows().get(row);
        ObjectNode object = JSON.createObjectNode();
        object.put("row", row + 1);
        object.put("line", examples.get(row).line());
        object.put("targets", loss.targets());
        object.put("base_loss", loss.loss());
        adapted.ifPresent(
                result -> object.put("adapter_loss", result.rows().get(row).loss()));
        return object;
    }

    private ObjectNode json() {
        ObjectNode object = JSON.createObjectNode();
        object.put("rows", examples.size());
        object.put("targets", base.targets());
        object.put("base_loss", base.loss());
        object.put("base_perplexity", base.perplexity());
        adapted.ifPresent(result -> {
            object.put("adapter_loss", result.loss());
            object.put("adapter_perplexity", result.perplexity());
        });
        return object;
    }
}
