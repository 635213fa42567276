package dev.inlay.model.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.testing.SharedData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real files, written by others, open and are written again with equal tensors. */
@Tag("data")
class FoundFilesTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"stories260K", "gpt-nano-sort", "peft-golden", "peft-adapters"})
    void everySafetensorsFileIsReadAndWrittenAgainWithEqualTensors(String folder) throws IOException {
        List<Path> files = named(SharedData.require(folder), ".safetensors");
        assertThat(files).isNotEmpty();
        for (Path path : files) {
            Path copy = directory.resolve("copy.safetensors");
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                List<NewTensor> tensors = file.tensors().values().stream()
                        .map(tensor -> NewTensor.copyOf(file, tensor))
                        .toList();
                SafetensorsWriter.write(copy, tensors, file.metadata());
                assertEqual(file, copy);
            }
        }
    }

    @Test
    void everyJsonFileOfAModelIsStrictJson() throws IOException {
        for (String folder : new String[] {"stories260K/hf", "gpt-nano-sort/hf", "peft-golden", "hf-tokenizers"}) {
            for (Path path : named(SharedData.require(folder), ".json")) {
                assertThat(Json.read(path)).as(path.toString()).isNotNull();
            }
        }
    }

    private static void assertEqual(SafetensorsFile expected, Path copy) {
        try (SafetensorsFile found = SafetensorsFile.open(copy)) {
            assertThat(found.tensors().keySet()).isEqualTo(expected.tensors().keySet());
            for (StoredTensor tensor : expected.tensors().values()) {
                StoredTensor other = found.tensor(tensor.name());
                assertThat(other.type()).isEqualTo(tensor.type());
                assertThat(other.shape()).isEqualTo(tensor.shape());
                assertThat(content(found, other)).as(tensor.name()).isEqualTo(content(expected, tensor));
            }
        }
    }

    private static byte[] content(SafetensorsFile file, StoredTensor tensor) {
        ByteBuffer bytes = ByteBuffer.allocate((int) tensor.bytes());
        file.read(tensor, 0, bytes);
        return bytes.array();
    }

    private static List<Path> named(Path folder, String ending) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(path -> path.toString().endsWith(ending)).sorted().toList();
        }
    }
}
