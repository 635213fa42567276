package dev.inlay.app.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.inlay.app.report.SimulationReport.Heading;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages in a real browser, the system's Chromium. */
@Tag("browser")
class ReportBrowserTest {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final List<String> QUIET = List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--enable-logging=stderr",
            "--host-resolver-rules=MAP * ~NOTFOUND");
    private static final long LIMIT_SECONDS = 120;

    @TempDir
    Path folder;

    @Test
    void chartsOfARunAreDrawnWithoutAComplaint() throws Exception {
        SampleRun run = SampleRun.done(folder.resolve("run"), "praise", 1);
        Path page = run.path.resolve(RunReport.FILE);
        RunReport.write(run.path, page);
        String shown = shown(page);
        assertThat(shown).contains("data-charts=\"6\"");
        assertThat(Pattern.compile("<svg").matcher(shown).results()).hasSize(6);
        assertThat(shown).contains(">without the adapter</text>", ">8\u201315</text>");
    }

    @Test
    void hostileNamesDoNotActInAComparison() throws Exception {
        SampleRun one = SampleRun.done(folder.resolve("one"), SampleRun.HOSTILE, 1);
        SampleRun other = SampleRun.done(folder.resolve("other"), "tame", 0.5);
        Path page = folder.resolve("comparison.html");
        RunReport.compare(List.of(one.path, other.path), page);
        assertThat(shown(page)).contains("data-charts=\"6\"").doesNotContain("data-acted", "<img src=x");
    }

    @Test
    void runWithoutAStepIsDrawnToo() throws Exception {
        SampleRun run = new SampleRun(folder.resolve("run"), "new", 1);
        Path page = run.path.resolve(RunReport.FILE);
        RunReport.write(run.path, page);
        assertThat(shown(page)).contains("data-charts=\"5\"");
    }

    @Test
    void simulationsAreDrawnWithoutAComplaint() throws Exception {
        Map<String, Object> run = Map.of(
                "name", "base </script><script>",
                "frames", List.of(List.of(0, 0, 1, 1), List.of(0.4, 0.5, 0.6, 0.5)),
                "strongest", List.of(List.of(0, 1), List.of(0, 0)),
                "attention", List.of(List.of(1, 0, 0, 1), List.of(1, 0, 1, 0)));
        Map<String, Object> axis = Map.of("name", "eps", "log", true, "values", List.of(0.01, 0.1));
        Map<String, Object> data = Map.of(
                "times", List.of(0, 1),
                "dimension", 2,
                "runs", List.of(run),
                "events", List.of(Map.of("time", 0.5, "run", "base", "kind", "switch", "detail", "<b>")),
                "curves",
                        List.of(Map.of(
                                "title",
                                "Clusters",
                                "log",
                                false,
                                "series",
                                List.of(Map.of("name", "base", "values", List.of(2, 1))))),
                "diagrams",
                        List.of(Map.of(
                                "title",
                                "Phases",
                                "x",
                                axis,
                                "y",
                                axis,
                                "cells",
                                List.of(0, 1, 2, 0),
                                "classes",
                                List.of("red", "orange", "green"))),
                "plots",
                        List.of(Map.of(
                                "section",
                                "Results",
                                "title",
                                "T",
                                "x",
                                "eps",
                                "y",
                                "T",
                                "logX",
                                true,
                                "logY",
                                true,
                                "series",
                                List.of(Map.of(
                                        "name",
                                        "T",
                                        "style",
                                        "points",
                                        "points",
                                        List.of(List.of(0.1, 5), List.of(0.01, 50)))))));
        Path page = folder.resolve("simulation.html");
        SimulationReport.write(page, Heading.ofSimulation("title", "lead"), List.of(), List.of(), data);
        // Two canvases, time line, curve, diagram, plot.
        assertThat(shown(page))
                .contains("data-pictures=\"6\"", ">switch</text>")
                .doesNotContain("<b>");
    }

    /** The document after its scripts ran; the console must have stayed empty. */
    private String shown(Path page) throws IOException, InterruptedException {
        Path dom = folder.resolve("dom.html");
        Path log = folder.resolve("log.txt");
        List<String> command = Stream.of(
                        List.of(browser()),
                        QUIET,
                        List.of(
                                "--user-data-dir=" + folder.resolve("profile"),
                                "--dump-dom",
                                page.toUri().toString()))
                .flatMap(List::stream)
                .toList();
        Process process = new ProcessBuilder(command)
                .redirectOutput(dom.toFile())
                .redirectError(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
                    .as("browser ended")
                    .isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(Files.readAllLines(log)).noneMatch(line -> line.contains(":CONSOLE"));
        return Files.readString(dom);
    }

    private static String browser() {
        String path = System.getenv().getOrDefault("PATH", "");
        for (String directory : path.split(File.pathSeparator)) {
            for (String name : NAMES) {
                Path file = Path.of(directory, name);
                if (Files.isExecutable(file)) {
                    return file.toString();
                }
            }
        }
        return abort("no Chromium in the PATH: pages are not looked at in a browser");
    }
}
