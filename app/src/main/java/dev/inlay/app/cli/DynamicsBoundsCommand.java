package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.app.experiments.dynamics.BoundRun;
import dev.inlay.app.experiments.dynamics.BoundTable;
import dev.inlay.app.experiments.dynamics.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay dynamics bounds}: how far two runs can be apart, and are. */
@Command(
        name = "bounds",
        description = {
            "Compare the distance of base and changed run with every bound that applies: known before the runs, from what",
            "both did, and to first order; and calculate what the theory predicts."
        })
final class DynamicsBoundsCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    DynamicsOptions options = new DynamicsOptions();

    @Option(names = "--rows", paramLabel = "N", defaultValue = "10", description = "Times. Default: ${DEFAULT-VALUE}.")
    private int rows;

    @Option(names = "--out", paramLabel = "DIR", description = "Also write bounds.csv, run.json and report.html there.")
    private @Nullable Path out;

    @Mixin
    ConfigOption config = new ConfigOption();

    DynamicsBoundsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        InlayException.require(rows >= 1 && rows <= 400, "--rows must be from 1 to 400, was %d", rows);
        Setting setting = options.setting();
        BoundTable table = BoundTable.of(setting);
        List<BoundTable.Row> all = table.rows(rows);
        console.result(String.format(
                Locale.ROOT,
                "  %10s %14s %18s %18s %14s",
                "t",
                "measured",
                "bound before",
                "bound from runs",
                "first order"));
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        for (BoundTable.Row row : all) {
            console.result(String.format(
                    Locale.ROOT,
                    "  %10.4g %14.6g %18s %18s %14s",
                    row.time(),
                    row.measured(),
                    exponential(row.logPrior()),
                    exponential(row.logMeasured()),
                    Double.isNaN(row.tangent()) ? "-" : String.format(Locale.ROOT, "%.6g", row.tangent())));
            object.withArray("rows").addPOJO(row.json());
        }
        List<String> calculations = table.calculations();
        calculations.forEach(line -> {
            console.result(line);
            object.withArray("calculations").add(line);
        });
        if (out != null) {
            new BoundRun(setting, all, calculations).write(out);
            console.result("wrote " + out + "; look at " + out.resolve("report.html"));
        }
        console.result(object);
        return 0;
    }

    /** A number of which only the logarithm may be in range. */
    private static String exponential(double log) {
        if (Double.isNaN(log)) {
            return "-";
        }
        return Math.abs(log) < 600
                ? String.format(Locale.ROOT, "%.6g", Math.exp(log))
                : String.format(Locale.ROOT, "e^%.6g", log);
    }
}
