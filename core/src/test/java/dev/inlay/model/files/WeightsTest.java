package dev.inlay.model.files;

import static dev.inlay.model.files.HostileFile.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightsTest {
    private static final String FIRST = "model-00001-of-00002.safetensors";
    private static final String SECOND = "model-00002-of-00002.safetensors";

    @TempDir
    Path directory;

    private static NewTensor tensor(String name, int size) {
        float[] values = new float[size];
        IntStream.range(0, size).forEach(i -> values[i] = name.hashCode() + i);
        return NewTensor.of(name, values, size);
    }

    private static List<NewTensor> tensors() {
        return List.of(tensor("c", 10), tensor("a", 3000), tensor("b", 20), tensor("empty", 0));
    }

    private void shard(String file, String... names) {
        SafetensorsWriter.write(
                directory.resolve(file),
                List.of(names).stream().map(name -> tensor(name, 2)).toList(),
                Map.of());
    }

    private void index(Map<String, String> weightMap) {
        Json.write(directory.resolve("model.safetensors.index.json"), Map.of("weight_map", weightMap));
    }

    private String refused() {
        String message = refusal(() -> Weights.open(directory).close()).getMessage();
        assertThat(message).contains(directory.toString());
        return message;
    }

    private static byte[] content(Weights weights, String name) {
        ByteBuffer bytes = ByteBuffer.allocate((int) weights.tensor(name).bytes());
        weights.file(name).read(weights.tensor(name), 0, bytes);
        return bytes.array();
    }

    @Test
    void shardsHoldTheSameTensorsAsOneFileAndHaveTheSameFingerprint() throws IOException {
        Path whole = Files.createDirectory(directory.resolve("whole"));
        Path sharded = Files.createDirectory(directory.resolve("sharded"));
        WeightsWriter.write(whole, tensors(), Map.of(), Long.MAX_VALUE);
        WeightsWriter.write(sharded, tensors(), Map.of(), 1000);
        assertThat(sharded.resolve("model-00003-of-00003.safetensors")).exists();
        assertThat(whole.resolve("model.safetensors")).exists();
        try (Weights one = Weights.open(whole);
                Weights many = Weights.open(sharded)) {
            assertThat(many.names()).containsExactly("a", "b", "c", "empty").isEqualTo(one.names());
            assertThat(many.notes()).isEmpty();
            assertThat(many.bytes()).isEqualTo(one.bytes()).isEqualTo(3030 * 4);
            assertAll(one.names().stream()
                    .map(name -> () -> assertThat(content(many, name)).isEqualTo(content(one, name))));
            assertThat(Fingerprint.ofBase("{}", many)).isEqualTo(Fingerprint.ofBase("{}", one));
        }
    }

    @Test
    void namesThatOccurInTwoNewShardsAreRefused() {
        List<NewTensor> twice = List.of(tensor("a", 10), tensor("a", 10));
        assertThat(refusal(() -> WeightsWriter.write(directory, twice, Map.of(), 40))
                        .getMessage())
                .contains("'a'", "twice");
    }

    @Test
    void S27_missingShard() {
        shard(FIRST, "a");
        index(Map.of("a", FIRST, "b", SECOND));
        assertThat(refused()).contains(SECOND, "is missing");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../model.safetensors",
                "/etc/passwd",
                "sub/model.safetensors",
                "..",
                "",
                "sub\\m",
                "C:m",
                "a\u0000"
            })
    void S27_shardOutsideTheDirectory(String shard) {
        index(Map.of("a", shard));
        assertThat(refused()).contains("must be the name of a file in the same directory");
    }

    @Test
    void S27_shardThatIsALinkOutOfTheDirectory(@TempDir Path outside) throws IOException {
        shard(FIRST, "a");
        Files.move(directory.resolve(FIRST), outside.resolve("blob"));
        Files.createSymbolicLink(directory.resolve(FIRST), outside.resolve("blob"));
        index(Map.of("a", FIRST));
        assertThat(refused()).contains("link that leads out");
    }

    @Test
    void S27_tensorInTwoShards() {
        shard(FIRST, "a", "b");
        shard(SECOND, "b", "c");
        index(Map.of("a", FIRST, "b", FIRST, "c", SECOND));
        assertThat(refused()).contains("tensor 'b' is also in");
    }

    @Test
    void S27_tensorAbsentFromItsShard() {
        shard(FIRST, "a");
        shard(SECOND, "c");
        index(Map.of("a", FIRST, "b", FIRST, "c", SECOND));
        assertThat(refused()).contains("lists tensor 'b'", FIRST, "does not hold it");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{}",
                "{\"weight_map\":[]}",
                "{\"weight_map\":{\"a\":1}}",
                "{\"weight_map\":{\"a\":null}}",
                "{\"weight_map\":{\"a\":\"\\ud800\"}}",
                ""
            })
    void S27_malformedIndex(String text) throws IOException {
        Files.writeString(directory.resolve("model.safetensors.index.json"), text);
        assertThat(refused()).contains("model.safetensors.index.json");
    }

    @Test
    void tensorsThatTheIndexDoesNotListAreReportedAndReadable() {
        shard(FIRST, "a", "extra");
        index(Map.of("a", FIRST));
        try (Weights weights = Weights.open(directory)) {
            assertThat(weights.notes()).singleElement().asString().contains("'extra'", "is not listed");
            assertThat(weights.names()).containsExactly("a", "extra");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pytorch_model.bin", "consolidated.00.pth", "model.pt", "last.ckpt"})
    void pickledWeightsAreRefusedByNameWithTheWayToConvertThem(String name) throws IOException {
        Files.createFile(directory.resolve(name));
        assertThat(refused()).contains(name, "pickle", "safe_serialization=True");
        index(Map.of("a", name));
        assertThat(refused()).contains(name, "pickle", "safe_serialization=True");
    }

    @Test
    void directoriesWithoutWeightsAreRefused() {
        assertThat(refused()).contains("holds neither model.safetensors nor");
        assertThat(refusal(() -> Weights.open(directory.resolve("absent"))).getMessage())
                .contains("found nothing");
    }

    @Test
    void aMissingTensorIsNamed() {
        shard("model.safetensors", "a");
        try (Weights weights = Weights.open(directory)) {
            assertThat(refusal(() -> weights.tensor("lm_head.weight")).getMessage())
                    .contains("'lm_head.weight'");
        }
    }
}
