package dev.inlay.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsWriter;
import dev.inlay.model.files.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A model of one family of which single things are made bad. */
abstract class HostileConfig {
    @TempDir
    Path directory;

    String config = "";

    /** A configuration that is accepted, of one key a line. */
    abstract Path goodConfig();

    /** A directory with the weights that it describes. */
    abstract Path goodModel();

    @BeforeEach
    void layTheGoodOnes() throws IOException {
        Files.copy(goodModel().resolve("model.safetensors"), directory.resolve("model.safetensors"));
        config = Files.readString(goodConfig());
        write(config);
        assertThat(ModelDirectory.open(directory).config().layers()).isEqualTo(3);
    }

    void write(String text) throws IOException {
        Files.writeString(directory.resolve("config.json"), text);
    }

    /** Replaces the value of a key of the good configuration. */
    void set(String key, String json) throws IOException {
        String changed = config.replaceFirst("\"" + key + "\": [^,{}\\[\\]]+(?=[,\\n])", "\"" + key + "\": " + json);
        assertThat(changed).as("the good configuration has the key " + key).isNotEqualTo(config);
        write(changed);
    }

    void add(String key, String json) throws IOException {
        write(config.replaceFirst("\\{", "{\"" + key + "\": " + json + ","));
    }

    void assertRefused(String... parts) {
        assertThatThrownBy(() -> Decoder.load(directory, Device.CPU))
                .isInstanceOfSatisfying(InlayException.class, e -> {
                    assertThat(e.kind()).isEqualTo(InlayException.Kind.DATA);
                    assertThat(e.getMessage()).contains(parts).doesNotContain("\n");
                });
    }

    /** Gives the tied model a head of its own, once another than its embedding and once the same. */
    void tieWithAnotherAndTheSameHead(String embedding) {
        rewrite("lm_head.weight", embedding, head -> head.times(2));
        assertRefused("tie_word_embeddings", "lm_head.weight", "differs");
        rewrite("lm_head.weight", embedding, UnaryOperator.identity());
        Decoder.load(directory, Device.CPU).close();
    }

    /** Writes the good weights with one tensor made of another, which may be itself. */
    void rewrite(String name, String source, UnaryOperator<Tensor> change) {
        try (Scope scope = Scope.open();
                Weights weights = Weights.open(goodModel())) {
            List<NewTensor> tensors = new ArrayList<>();
            weights.names().stream()
                    .filter(other -> !other.equals(name))
                    .forEach(other -> tensors.add(NewTensor.of(other, weights.load(other))));
            tensors.add(NewTensor.of(name, change.apply(weights.load(source))));
            SafetensorsWriter.write(directory.resolve("model.safetensors"), tensors, Map.of());
        }
    }
}
