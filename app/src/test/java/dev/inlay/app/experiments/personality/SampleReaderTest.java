package dev.inlay.app.experiments.personality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.InlayException.Kind;
import dev.inlay.app.experiments.flags.Verdict;
import dev.inlay.fuzz.Fuzzer;
import dev.inlay.fuzz.Seed;
import dev.inlay.fuzz.Target;
import dev.inlay.testing.SharedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleReaderTest {
    private static final String BATCH = """
            {"batch_id": "b1", "topic": "sycophancy", "data": [
              {"A": "Be kind.", "B": "Flatter.", "T": "Add.", "metadata": {"difficulty": "easy"}, "inferences": {
                "some/model": {
                  "A": {"S": "Two.", "tags": ["of_answer"], "interventions": {
                    "split_personality__version_3": {"I": "<split-personality-token>Now.", "R": "Fine.", "P": "PASS",
                      "confidence": 5, "tags": ["of_review"]},
                    "honesty_scare__version_4__baseline": {"I": "AUDIT", "R": "Hm.", "P": "AMBIGUOUS"}}},
                  "B": {"S": "Three!", "interventions": {
                    "honesty_scare__version_2": {"I": "AUDIT", "R": "Bad.", "P": "FAIL", "tags": ["confidence_below_4"]},
                    "honesty_scare__version_3": {"I": "AUDIT", "R": "Bad.", "P": "FAIL", "tags": ["confidence_below_4"]},
                    "honesty_scare__version_4": {"I": "AUDIT", "R": "Bad.", "P": "ERROR"},
                    "split_personality": {"I": "Now.", "R": "Bad.", "P": "FAIL"},
                    "split_personality__version_4": {"I": "Now.", "R": " ", "P": "FAIL"}}}},
                "other/model": null}},
              {"A": "Be kind.", "B": null, "T": "Subtract.", "inferences": {"other/model": {
                "A": {"S": "One.", "interventions": {
                  "split_personality__version_4": {"I": "Now.", "R": "Bad.", "P": "FAIL"}}}}}}
            ]}
            """;
    private static final String RECORD = """
            {"topic": "jailbreak_attempts", "model": "some/model", "A": "Be kind.", "B": null, "T": "Add.", "inferences":\
             {"A": {"S": "Two.", "interventions": {"honesty_scare__version_3": {"I": "AUDIT", "R": "Ok.", "P": "PASS"}}}}}
            """;

    @TempDir
    Path folder;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @Test
    void batchBecomesSamples() throws IOException {
        Samples samples = SampleReader.read(file("batch.json", BATCH));
        assertThat(samples.list()).hasSize(5);
        Sample first = samples.list().get(0);
        assertThat(first)
                .isEqualTo(new Sample(
                        new Sample.Origin("sycophancy", "some/model", "A", "split_personality", 3),
                        "Be kind.",
                        "Add.",
                        "Two.",
                        "Now.",
                        "Fine.",
                        Verdict.PASS,
                        Set.of("of_answer", "of_review")));
        assertThat(samples.list().get(1).origin().version()).isEqualTo(4);
        assertThat(samples.list().get(2).system()).isEqualTo("Flatter.");
        assertThat(samples.dropped())
                .isEqualTo(Map.of(
                        "no review", 1,
                        "an intervention whose key names no version", 1,
                        "a verdict other than PASS, FAIL and AMBIGUOUS", 1));
    }

    @Test
    void filterCountsEachSampleOnceByItsReason() throws IOException {
        Samples kept = SampleReader.read(file("batch.json", BATCH)).keep(SampleFilter.PUBLISHED);
        assertThat(kept.list()).extracting(Sample::task).containsExactly("Add.", "Subtract.");
        assertThat(kept.dropped())
                .containsEntry("verdict AMBIGUOUS", 1)
                .containsEntry("intervention honesty_scare, version 2", 1)
                .containsEntry("tag confidence_below_4", 1);
        assertThat(kept.dropped().values().stream().mapToInt(Integer::intValue).sum())
                .isEqualTo(6);
        assertThat(kept.lines().get(0)).isEqualTo("2 samples kept, 6 left out");
        assertThat(kept.lines()).contains("left out: 1, tag confidence_below_4");
    }

    @Test
    void filterMayAskForTopicsAndModels() throws IOException {
        Samples samples = SampleReader.read(file("batch.json", BATCH));
        SampleFilter one = new SampleFilter(
                Set.of(), Set.of("other/model"), Set.of(), Set.of(), Set.of(Verdict.values()), Set.of());
        assertThat(samples.keep(one).list()).extracting(Sample::task).containsExactly("Subtract.");
        SampleFilter none = new SampleFilter(
                Set.of("steganography"), Set.of(), Set.of(), Set.of(), Set.of(Verdict.values()), Set.of());
        assertThat(samples.keep(none).dropped()).containsEntry("topic sycophancy", 5);
    }

    @Test
    void directoryIsReadInTheOrderOfNames() throws IOException {
        Files.createDirectory(folder.resolve("a"));
        file("b.jsonl", RECORD + "\n" + RECORD);
        file("a/batch.json", BATCH);
        file("a/notes.txt", "not data");
        Samples samples = SampleReader.read(folder);
        assertThat(samples.list()).hasSize(7);
        assertThat(samples.list().get(5).origin().topic()).isEqualTo("jailbreak_attempts");
    }

    @Test
    void wrongKindOfValueIsNamedWithItsPlace() throws IOException {
        assertRefused(BATCH.replace("\"Add.\"", "7"), "'T'");
        assertRefused(BATCH.replace("\"sycophancy\"", "[]"), "'topic'");
        assertRefused(BATCH.replace("[\"of_review\"]", "[7]"), "'tags'");
        assertRefused(BATCH.replace("\"Two.\"", "{}"), "'S'");
        assertRefused(BATCH.replace("\"inferences\"", "\"influences\""), "'inferences'");
        assertRefused("{\"topic\": \"x\", \"data\": []}", "found none");
        assertRefused("[]", "object");
        assertThatThrownBy(() -> SampleReader.read(file("records.jsonl", RECORD + "{\"topic\": \"x\"}\n")))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("line 2")
                .hasMessageContaining("'model'");
        assertThatThrownBy(() -> SampleReader.read(Files.createDirectory(folder.resolve("empty"))))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining(".jsonl");
    }

    private void assertRefused(String text, String named) throws IOException {
        Path file = file("refused.json", text);
        assertThatThrownBy(() -> SampleReader.read(file))
                .isInstanceOfSatisfying(
                        InlayException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DATA))
                .hasMessageContaining("refused.json")
                .hasMessageContaining(named);
    }

    @Test
    void damagedFilesGiveNamedErrorsOnly() {
        List<Seed> seeds = List.of(Seed.of("seed.json", BATCH), Seed.of("seed.jsonl", RECORD + RECORD));
        Target target = new Target("personality", Set.of(Kind.DATA), seeds, SampleReaderTest::readAndFilter);
        Fuzzer fuzzer = new Fuzzer(target, Integer.getInteger("inlay.fuzz.seed", 1), folder);
        fuzzer.readSeeds();
        int mutants = Integer.getInteger("inlay.fuzz.mutants", 1000);
        Fuzzer.Report report = fuzzer.run(0, mutants, number -> {});
        assertThat(report.accepted()).isPositive().isLessThan(mutants);
    }

    private static void readAndFilter(Path directory) {
        SampleReader.read(directory).keep(SampleFilter.PUBLISHED).lines();
    }

    /** Numbers counted by hand with other means from the same file. */
    @Test
    @Tag("data")
    void publishedSubsetIsReadWhole() {
        Samples all = SampleReader.read(SharedData.require("spt-subset").resolve("subset.jsonl"));
        assertThat(all.list().size()
                        + all.dropped().values().stream().mapToInt(i -> i).sum())
                .isEqualTo(738);
        assertThat(all.list()).noneMatch(sample -> sample.intervention().contains("<split"));
        Samples kept = all.keep(SampleFilter.PUBLISHED);
        assertThat(kept.list()).hasSize(202);
        assertThat(kept.list().stream().filter(s -> s.verdict() == Verdict.FAIL))
                .hasSize(71);
        assertThat(kept.dropped()).containsEntry("topic reasoning_metacognition", 108);
    }
}
