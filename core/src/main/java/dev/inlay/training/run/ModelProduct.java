package dev.inlay.training.run;

import dev.inlay.engine.Tensor;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.files.SafetensorsWriter;
import dev.inlay.training.DecoderParameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * A whole model as a Hugging Face directory: {@code model.safetensors} in float32, and beside it what a model needs to be
 * used.
 *
 * @param files {@code config.json}, files of the tokenizer and the like: contents by their names
 */
public record ModelProduct(DecoderParameters parameters, Map<String, byte[]> files) implements Product {
    private static final String WEIGHTS = "model.safetensors";

    public ModelProduct {
        files = new TreeMap<>(files);
    }

    @Override
    public String name() {
        return "model";
    }

    @Override
    public List<String> exactFiles() {
        return List.of("config.json", WEIGHTS);
    }

    @Override
    public void write(Path directory) throws IOException {
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(directory.resolve(file.getKey()), file.getValue());
        }
        List<NewTensor> tensors = parameters.weights().entrySet().stream()
                .map(weight -> NewTensor.of(weight.getKey(), weight.getValue()))
                .toList();
        SafetensorsWriter.write(directory.resolve(WEIGHTS), tensors, Map.of());
    }

    @Override
    public void pairs(Path directory, BiConsumer<Tensor, Tensor> visitor) {
        try (SafetensorsFile file = SafetensorsFile.open(directory.resolve(WEIGHTS))) {
            parameters.weights().forEach((name, live) -> visitor.accept(file.load(file.tensor(name)), live));
        }
    }

    @Override
    public void requireReadable(Path directory) {
        ModelDirectory.open(directory);
    }
}
