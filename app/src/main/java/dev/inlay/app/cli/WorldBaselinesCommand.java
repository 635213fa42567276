package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.app.experiments.world.Baselines;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code inlay world-baselines}: how much a bag of words tells about the labels of the world. */
@Command(
        name = "world-baselines",
        description =
                "Measure how much a bag of words tells about topic, sentiment and hidden key of the world's texts.")
final class WorldBaselinesCommand implements Callable<Integer> {
    private final Console console;

    @Option(
            names = "--texts",
            paramLabel = "N",
            defaultValue = "2000",
            description = "Texts to learn from, and as many others to try. Default: ${DEFAULT-VALUE}.")
    private int texts;

    WorldBaselinesCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        InlayException.require(texts >= 10, "--texts must be at least 10, was %d", texts);
        console.result("Share of labels found in new texts: five seeds, 95 % interval");
        console.result(String.format(
                Locale.ROOT, "  %-14s %8s %18s %14s", "label", "classes", "bag of words", "most frequent"));
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        for (Baselines.Result each : Baselines.measure(texts)) {
            console.result(String.format(
                    Locale.ROOT,
                    "  %-14s %8d %9.3f +- %.3f %14.3f",
                    each.label(),
                    each.classes(),
                    each.accuracy(),
                    each.interval(),
                    each.most()));
            object.putObject(each.label())
                    .put("classes", each.classes())
                    .put("accuracy", each.accuracy())
                    .put("interval", each.interval())
                    .put("most_frequent", each.most());
        }
        console.result(object);
        return 0;
    }
}
