package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.app.report.RunReport;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inlay report}: pages about runs. */
@Command(
        name = "report",
        description = {
            "Write a page about a training run, or one that compares several: one file that opens offline.",
            "A run that is not finished is shown as far as it has come."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required
final class ReportCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "DIR", arity = "1..*", description = "Directories of runs.")
    private List<Path> runs;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "The page. Default for one run: report.html in its directory; required for several.")
    private @Nullable Path out;

    ReportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Path first = runs.get(0);
        Path page;
        if (runs.size() == 1) {
            page = out == null ? first.resolve(RunReport.FILE) : out;
            RunReport.write(first, page);
        } else {
            if (out == null) {
                throw InlayException.usage("%d runs are compared and --out names no file", runs.size())
                        .attempt("--out comparison.html");
            }
            page = out;
            RunReport.compare(runs, page);
        }
        console.result("wrote " + page);
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        object.put("report", page.toString());
        object.put("runs", runs.size());
        console.result(object);
        return 0;
    }
}
