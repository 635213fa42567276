package dev.inlay.adapter.peft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaseFingerprintTest {
    private static final String CONFIG =
            "{\"model_type\": \"llama\", \"rope_theta\": 10000.0, \"torch_dtype\": \"float32\", \"rope_scaling\": null}";

    @TempDir
    Path folder;

    @Test
    void orderOfKeysAndKeysWithoutMathematicsDoNotMatter() throws IOException {
        Path one = model("one", CONFIG, values -> {});
        Path other = model(
                "other",
                "{\"rope_theta\": 10000.0, \"transformers_version\": \"5\", \"model_type\": \"llama\"}",
                values -> {});
        assertThat(BaseFingerprint.of(other)).isEqualTo(BaseFingerprint.of(one));
    }

    @Test
    void keyThatChangesTheMathematicsMatters() throws IOException {
        Path one = model("one", CONFIG, values -> {});
        Path other = model("other", CONFIG.replace("10000.0", "500000.0"), values -> {});
        assertThat(BaseFingerprint.of(other)).isNotEqualTo(BaseFingerprint.of(one));
    }

    @Test
    void firstAndLastValueOfALargeTensorMatter() throws IOException {
        String one = BaseFingerprint.of(model("one", CONFIG, values -> {}));
        assertThat(BaseFingerprint.of(model("first", CONFIG, values -> values[0] = 1)))
                .isNotEqualTo(one);
        assertThat(BaseFingerprint.of(model("last", CONFIG, values -> values[4999] = 1)))
                .isNotEqualTo(one);
    }

    private Path model(String name, String config, Consumer<float[]> change) throws IOException {
        Path model = Files.createDirectory(folder.resolve(name));
        Files.writeString(model.resolve("config.json"), config);
        float[] values = new float[5000];
        change.accept(values);
        SafetensorsWriter.write(
                model.resolve("model.safetensors"),
                List.of(NewTensor.of("b", new float[2], 2), NewTensor.of("a", values, 5000)),
                Map.of());
        return model;
    }
}
