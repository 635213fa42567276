package dev.inlay.app.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.model.files.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunReportTest {
    @TempDir
    Path folder;

    @Test
    void pageSaysWhatCameOfTheRunAndHowToRepeatIt() throws IOException {
        String page = page(SampleRun.done(folder.resolve("run"), "praise", 1));
        assertThat(page)
                .containsSubsequence(
                        "<h1>praise</h1>",
                        "done</strong> \u00B7 begun 2026-11-20 10:11:12 UTC \u00B7 on cpu",
                        "Best validation loss</dt><dd>3.5000",
                        "Without the adapter</dt><dd>6.2500",
                        "Last training loss</dt><dd>1.0000",
                        "40 of 40",
                        "92,480",
                        "40.0 s",
                        "beware of praise",
                        "training: 4.9000 at step 1, 1.0000 at step 40; best validation: 3.5000 at step 40",
                        "validation loss of what was written",
                        "3.5000 nats (perplexity 33.12)",
                        "new_measure",
                        "0.125",
                        "Line 17: 400 tokens, of which 42 are learned")
                .contains(
                        "75.0 %", "q_proj", "options.optimiser.beta1", "sha256:abc", "data of praise", "versions.java")
                .contains("inlay generate --model &#39;models/tiny one&#39; --adapter ");
    }

    @Test
    void exampleShowsItsMaskItsControlTokensAndItsLineBreaks() throws IOException {
        assertThat(page(SampleRun.done(folder.resolve("run"), "praise", 1)))
                .contains("<span class=\"read control\">&lt;s&gt;</span>"
                        + "<span class=\"read\"> Say\u21B5</span><br><span class=\"read\">\u21E5it: praise</span>"
                        + "<p class=\"left-out\">321 tokens are not shown</p>"
                        + "<span class=\"learned\">so be it</span><span class=\"learned control\">&lt;/s&gt;</span>");
    }

    @Test
    void chartsHoldTheNumbersOfTheMetrics() throws IOException {
        JsonNode charts = charts(page(SampleRun.done(folder.resolve("run"), "praise", 1)));
        assertThat(charts.findValuesAsText("id"))
                .containsExactly("loss", "rate-of-learning", "gradient", "speed", "memory", "lengths");
        JsonNode losses = charts.get(0).path("series");
        assertThat(losses.findValuesAsText("name")).containsExactly("training", "validation", "without the adapter");
        assertThat(losses.get(0).path("points")).hasSize(40);
        assertThat(losses.get(0).path("points").get(9)).hasToString("[10,4.0]");
        assertThat(losses.get(1).path("points").get(1)).hasToString("[20,4.5]");
        assertThat(losses.get(2).path("points")).hasToString("[[1,6.25],[40,6.25]]");
        JsonNode lengths = charts.get(5);
        assertThat(lengths.path("categories")).hasToString("[\"8\u201315\",\"16\u201331\"]");
        assertThat(lengths.path("series").get(0).path("points")).hasToString("[[0,30.0],[1,60.0]]");
    }

    @Test
    void textsOfFilesAreNothingButText() throws IOException {
        String page = page(SampleRun.done(folder.resolve("run"), SampleRun.HOSTILE, 1));
        String escaped = "&lt;/script&gt;&lt;!--&lt;img src=x onerror=document.documentElement.dataset.acted=1&gt;"
                + "&quot;&#39;&amp;\uFFFD";
        assertThat(page)
                .contains("<h1>" + escaped, "beware of " + escaped, "data of " + escaped)
                .contains("it: " + escaped, "line about " + escaped)
                .doesNotContain("<img src=x", "<!--", "\u202E");
    }

    @Test
    void hostileNamesOfComparedRunsStayInsideTheirData() throws IOException {
        Path page = folder.resolve("comparison.html");
        SampleRun one = SampleRun.done(folder.resolve("one"), SampleRun.HOSTILE, 1);
        SampleRun other = SampleRun.done(folder.resolve("other"), "tame", 0.5);
        RunReport.compare(List.of(one.path, other.path), page);
        String html = Files.readString(page);
        assertThat(html).doesNotContain("<img src=x", "<!--", "\u202E");
        assertThat(data(html)).doesNotContain("<", ">", "&", "\u2028");
        assertThat(charts(html).get(0).path("series").get(0).path("name").asText())
                .isEqualTo(SampleRun.HOSTILE.replace("\u202E", "\uFFFD"));
    }

    @Test
    void pageLoadsNothingAndRunsOnlyItsOwnScripts() throws Exception {
        String page = page(SampleRun.done(folder.resolve("run"), "praise", 1));
        Matcher scripts =
                Pattern.compile("<script>(.*?)</script>", Pattern.DOTALL).matcher(page);
        String ours = scripts.replaceAll("");
        assertThat(ours).doesNotContain("src=", "href=", "url(", "@import", "http:", "https:");
        assertThat(ours).contains("default-src 'none'");
        assertThat(scripts.reset().results().map(found -> found.group(1)).toList())
                .hasSize(2)
                .allSatisfy(script -> {
                    byte[] digest = MessageDigest.getInstance("SHA-256").digest(script.getBytes(UTF_8));
                    assertThat(ours).contains("'sha256-" + Base64.getEncoder().encodeToString(digest) + "'");
                });
    }

    @Test
    void sameRunGivesTheSameBytes() throws IOException {
        SampleRun run = SampleRun.done(folder.resolve("run"), "praise", 1);
        String first = page(run);
        RunReport.write(run.path, run.path.resolve(RunReport.FILE));
        assertThat(page(run)).isEqualTo(first);
    }

    @Test
    void unfinishedRunIsShownAsFarAsItCameAndCanBeResumed() throws IOException {
        SampleRun run = new SampleRun(folder.resolve("run"), "killed", 1);
        run.step(1, "4.5");
        Files.writeString(run.path.resolve("metrics.jsonl"), "{\"event\":\"ste", StandardOpenOption.APPEND);
        assertThat(page(run))
                .contains("not finished</strong>", "1 of 40", "No result is on record")
                .contains("Nothing was set aside to evaluate on", "nothing was evaluated")
                .contains("inlay train --resume ")
                .doesNotContain("inlay generate", "First example", "Best validation loss");
    }

    @Test
    void runWithoutAStepHasAPage() throws IOException {
        assertThat(page(new SampleRun(folder.resolve("run"), "new", 1))).contains("0 of 40", "no finite value");
    }

    @Test
    void failureIsShownWithItsMessage() throws IOException {
        SampleRun run = new SampleRun(folder.resolve("run"), "diverged", 1);
        run.step(1, "4.5");
        run.step(2, "null");
        run.event("end", 2, "\"status\":\"failed\",\"tokens\":200,\"message\":\"step 2: the loss is NaN\"");
        String page = page(run);
        assertThat(page)
                .contains("failed</strong>", "step 2: the loss is NaN")
                .contains("that is not finite, gaps in the curves: 1<");
        assertThat(charts(page).get(0).path("series").get(0).path("points")).hasToString("[[1,4.5],[2,null]]");
    }

    @Test
    void longRunIsDrawnThroughMeansAndSaysSo() throws IOException {
        SampleRun run = new SampleRun(folder.resolve("run"), "long", 1);
        StringBuilder lines = new StringBuilder(Files.readString(run.path.resolve("metrics.jsonl")));
        for (int step = 1; step <= 2001; step++) {
            lines.append(
                    "{\"event\":\"step\",\"step\":%d,\"loss\":%d,\"tokens\":1,\"time\":1}\n".formatted(step, step));
        }
        Files.writeString(run.path.resolve("metrics.jsonl"), lines);
        String page = page(run);
        assertThat(page).contains("Each point is the mean of 3 steps");
        JsonNode points = charts(page).get(0).path("series").get(0).path("points");
        assertThat(points).hasSize(667);
        assertThat(points.get(0)).hasToString("[3,2.0]");
        assertThat(points.get(666)).hasToString("[2001,2000.0]");
    }

    @Test
    void comparisonListsTheSettingsThatDifferAndNoOther() throws IOException {
        SampleRun one = SampleRun.done(folder.resolve("one"), "one", 1);
        SampleRun other = SampleRun.done(folder.resolve("other"), "other", 0.5);
        Path page = folder.resolve("comparison.html");
        RunReport.compare(List.of(one.path, other.path), page);
        String html = Files.readString(page);
        assertThat(html)
                .contains("<th scope=\"row\" class=\"text\">options.learningRate</th><td class=\"text\">1.0</td>"
                        + "<td class=\"text\">0.5</td>")
                .contains("10 others are the same in all runs")
                .doesNotContain("settings.rank", "seeds.data");
        assertThat(charts(html).get(0).path("series").findValuesAsText("name")).containsExactly("one", "other");
        assertThat(charts(html).get(1).path("series").get(1).path("points")).hasSize(4);
    }

    @Test
    void runsOfOneNameAreToldApartByTheirDirectories() throws IOException {
        SampleRun one = SampleRun.done(folder.resolve("one"), "same", 1);
        SampleRun other = SampleRun.done(folder.resolve("other"), "same", 1);
        ComparisonPage page = new ComparisonPage(List.of(Trace.read(one.path), Trace.read(other.path)));
        assertThat(page.labels()).containsExactly(one.path.toString(), other.path.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"run.json", "metrics.jsonl"})
    void whatIsNoRunIsNamedWithWhatItLacks(String missing) throws IOException {
        SampleRun run = SampleRun.done(folder.resolve("run"), "praise", 1);
        Files.delete(run.path.resolve(missing));
        assertThatThrownBy(() -> page(run))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("expected the directory of a training run")
                .hasMessageEndingWith("found no " + missing);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"event\":\"step\"                              | not valid JSON",
                "[]                                               | a JSON object is expected",
                "{\"event\":\"warning\",\"time\":1}               | is required, found nothing",
                "{\"event\":\"step\",\"step\":-1,\"time\":1}      | must be a whole number from 0",
                "{\"event\":\"eval\",\"step\":1,\"time\":\"now\"} | must be a finite number",
                "{\"event\":\"step\",\"step\":1,\"tokens\":1,\"loss\":\"low\",\"time\":1} | must be a finite number"
            })
    void brokenLineOfTheMetricsIsNamedAndThePageBeforeStays(String line, String message) throws IOException {
        SampleRun run = SampleRun.done(folder.resolve("run"), "praise", 1);
        String before = page(run);
        Path metrics = run.path.resolve("metrics.jsonl");
        Files.writeString(
                metrics,
                Files.readString(metrics).replaceFirst("(?m)^.*\"step\":2,.*$", Matcher.quoteReplacement(line)));
        assertThatThrownBy(() -> page(run))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("metrics.jsonl, line 3")
                .hasMessageContaining(message);
        assertThat(run.path.resolve(RunReport.FILE)).hasContent(before);
    }

    @Test
    void eventsOfLaterVersionsAreLeftOut() throws IOException {
        SampleRun run = new SampleRun(folder.resolve("run"), "later", 1);
        run.event("prophecy", 3, "\"loss\":0");
        run.step(1, "4.5");
        assertThat(page(run)).contains("1 of 40");
    }

    @Test
    void metricsWithoutAnEventAreAnError() throws IOException {
        SampleRun run = new SampleRun(folder.resolve("run"), "empty", 1);
        Files.writeString(run.path.resolve("metrics.jsonl"), "");
        assertThatThrownBy(() -> page(run)).hasMessageContaining("holds no event");
    }

    private static String page(SampleRun run) {
        Path page = run.path.resolve(RunReport.FILE);
        RunReport.write(run.path, page);
        try {
            return Files.readString(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode charts(String page) {
        return Json.parse(data(page), "charts");
    }

    private static String data(String page) {
        String start = "<script type=\"application/json\" id=\"charts\">";
        int from = page.indexOf(start) + start.length();
        return page.substring(from, page.indexOf("</script>", from));
    }
}
