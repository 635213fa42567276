package dev.inlay.app.report;

import dev.inlay.InlayException;
import dev.inlay.model.files.AtomicFile;
import java.nio.file.Path;
import java.util.List;

/**
 * Pages about training runs, each one file that opens without a network. The same directory gives the same bytes.
 *
 * <p>Read are {@code run.json} and {@code metrics.jsonl}, and where they are there {@link Description} and
 * {@code result.json}: the object that the end of {@code train --json} prints.
 */
public final class RunReport {
    /** What a run came to, as one JSON object. */
    public static final String RESULT = "result.json";

    /** The page in the directory of its run. */
    public static final String FILE = "report.html";

    private RunReport() {}

    /**
     * Writes the page about one run.
     *
     * @throws InlayException if it is no directory of a run, or a file of it is broken
     */
    public static void write(Path run, Path page) {
        AtomicFile.write(page, new RunPage(Trace.read(run)).page().html());
    }

    /** Writes the page that compares runs. */
    public static void compare(List<Path> runs, Path page) {
        AtomicFile.write(
                page,
                new ComparisonPage(runs.stream().map(Trace::read).toList())
                        .page()
                        .html());
    }
}
