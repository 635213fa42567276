package dev.inlay.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.engine.Device;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.training.data.FileStamp;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
    @TempDir
    Path directory;

    @Test
    void theRecordSaysWhatRepeatsTheRun() {
        Path path = directory.resolve("first");
        RunDirectory.create(path, record(3, "aa"), "rank: 3\n").close();
        JsonObject json = Json.readObject(path.resolve("run.json"));
        assertThat(json.text("name")).isEqualTo("first");
        assertThat(json.object("options").number("learningRate")).isEqualTo(0.01);
        assertThat(json.object("settings").integer("rank", 0, 9)).isEqualTo(3);
        assertThat(json.object("seeds").toString()).isEqualTo("{\"data\":2,\"dropout\":7,\"initialisation\":1}");
        assertThat(json.object("inputs").texts("data")).containsExactly("aa");
        assertThat(json.object("inputs").text("base")).isEqualTo("sha256:base");
        assertThat(json.objects("files").get(0).text("path")).isEqualTo("train.jsonl");
        assertThat(json.object("versions").keys()).containsExactly("inlay", "java", "libtorch", "os");
        assertThat(json.object("versions").text("libtorch")).matches("\\d+\\.\\d+.*");
        assertThat(json.integer("threads", 1, 99)).isEqualTo(2);
        assertThat(path.resolve("config.yaml")).hasContent("rank: 3\n");
    }

    @Test
    void anExistingRunIsNeverOverwritten() {
        Path path = directory.resolve("first");
        RunDirectory.create(path, record(3, "aa"), "a").close();
        assertThatThrownBy(() -> RunDirectory.create(path, record(3, "aa"), "b"))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("a run of this name exists")
                .extracting("kind")
                .isEqualTo(InlayException.Kind.USAGE);
        assertThat(path.resolve("config.yaml")).hasContent("a");
    }

    @Test
    void aDirectoryThatHoldsAnythingElseIsNotTaken() throws Exception {
        Path path = Files.createDirectory(directory.resolve("mine"));
        Files.writeString(path.resolve("thesis.txt"), "years");
        assertThatThrownBy(() -> RunDirectory.create(path, record(3, "aa"), ""))
                .hasMessageContaining("exists already and is never overwritten");
        assertThat(TraceComparison.names(path)).containsExactly("thesis.txt");
    }

    @Test
    void thereIsNothingToResumeWhereNothingWasBegun() {
        assertThatThrownBy(() -> RunDirectory.resume(directory.resolve("none"), record(3, "aa")))
                .hasMessageContaining("no run was begun here");
    }

    @Test
    void otherSettingsOrDataAreRefusedWithBothValues() {
        Path path = directory.resolve("first");
        RunDirectory.create(path, record(3, "aa"), "").close();
        assertThatThrownBy(() -> RunDirectory.resume(path, record(4, "aa")))
                .hasMessageContaining("settings.rank was 3 when the run began and is 4 now")
                .extracting("kind")
                .isEqualTo(InlayException.Kind.USAGE);
        assertThatThrownBy(() -> RunDirectory.resume(path, record(3, "bb")))
                .hasMessageContaining("inputs.data[0] was aa when the run began and is bb now")
                .extracting("kind")
                .isEqualTo(InlayException.Kind.DATA);
        RunDirectory.resume(path, record(3, "aa")).close();
    }

    @Test
    void anotherVersionIsAllowedAndNoted() throws Exception {
        Path path = directory.resolve("first");
        RunDirectory.create(path, record(3, "aa"), "").close();
        Path json = path.resolve("run.json");
        Files.writeString(json, Files.readString(json).replaceAll("\"libtorch\": \"[^\"]*\"", "\"libtorch\": \"1.0\""));
        try (RunDirectory run = RunDirectory.resume(path, record(3, "aa"))) {
            assertThat(run.notes()).singleElement().asString().startsWith("versions.libtorch was 1.0 when");
        }
    }

    @Test
    void H18_aSecondProcessIsToldWhoWritesTheRun() throws Exception {
        Path path = directory.resolve("first");
        Process first = JobProcess.start(path.toString(), "1000000", "1000000", "1");
        try (BufferedReader output = first.inputReader()) {
            assertThat(output.readLine()).startsWith("step 1");
            Process second = JobProcess.start(path.toString(), "1000000", "1000000", "1");
            String error = new String(second.getInputStream().readAllBytes());
            assertThat(error).contains("process " + first.pid() + " is writing this run");
            assertThat(second.waitFor()).isEqualTo(InlayException.Kind.USAGE.exitCode());
        } finally {
            first.destroyForcibly().waitFor();
        }
        try (TinyJob job = new TinyJob(TinyJob.options(1000000, 0, 0, 1000000), 1)) {
            job.open(path).close(); // the lock died with its holder
        }
    }

    @Test
    void oneProcessCannotTakeARunTwice() {
        Path path = directory.resolve("first");
        try (RunDirectory run = RunDirectory.create(path, record(3, "aa"), "")) {
            assertThatThrownBy(() -> RunDirectory.resume(run.path(), record(3, "aa")))
                    .hasMessageContaining("process " + ProcessHandle.current().pid() + " is writing this run");
        }
        RunDirectory.resume(path, record(3, "aa")).close();
    }

    @Test
    void leftoversOfInterruptedSavesAreRemovedAndReported() throws Exception {
        Path path = directory.resolve("first");
        RunDirectory.create(path, record(3, "aa"), "").close();
        Path leftover = Files.createDirectories(path.resolve(".checkpoint-000001.x.inlay-tmp/state"));
        Files.writeString(leftover.resolve("state.json"), "{");
        try (RunDirectory run = RunDirectory.resume(path, record(3, "aa"))) {
            assertThat(run.notes())
                    .containsExactly(".checkpoint-000001.x.inlay-tmp: left by an interrupted save, removed");
        }
        assertThat(TraceComparison.names(path)).containsExactly("config.yaml", "lock", "run.json");
    }

    @Test
    void anInterruptedStartIsNamedByTheNextOne() throws Exception {
        Path leftover = Files.createDirectory(directory.resolve(".first.x.inlay-tmp"));
        Files.createDirectory(directory.resolve(".second.x.inlay-tmp"));
        try (RunDirectory run = RunDirectory.create(directory.resolve("first"), record(3, "aa"), "")) {
            assertThat(run.notes()).singleElement().asString().startsWith(leftover + ": left by a start");
        }
        assertThat(leftover).exists();
    }

    private static RunRecord record(int rank, String data) {
        FileStamp stamp = new FileStamp(Path.of("train.jsonl"), 12, FileTime.fromMillis(0), data);
        return new RunRecord(
                TinyJob.options(9),
                Map.of("rank", rank),
                new RunRecord.Seeds(1, 2),
                new RunRecord.Inputs("sha256:base", "tokenizer", "", List.of(stamp)),
                new RunRecord.Machine(Device.CPU, 2));
    }
}
