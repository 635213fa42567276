package dev.inlay.app.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsWriter;
import dev.inlay.testing.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A recorded model of random weights (vocabulary 96) with a tokenizer that fits it: one token per letter, digit and a few
 * signs, {@code <s>} 1 and {@code </s>} 2.
 */
final class TinyModel {
    static final Path RECORDED = Golden.path("llama-gqa-untied");
    private static final String CHARACTERS =
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,!?'-:;</>\u0120\u010A";

    private TinyModel() {}

    /** Writes the model directory into a folder. */
    static Path in(Path folder) throws IOException {
        Path model = Files.createDirectories(folder.resolve("model"));
        try (Stream<Path> files = Files.list(RECORDED.resolve("model"))) {
            for (Path file : files.toList()) {
                Files.copy(file, model.resolve(file.getFileName()));
            }
        }
        Files.writeString(model.resolve("tokenizer.json"), tokenizer());
        Files.writeString(model.resolve("tokenizer_config.json"), "{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}");
        return model;
    }

    /** Changes weights of a model directory in place; they are float32. */
    static void change(Path model, Consumer<Map<String, Tensor>> change) {
        Path file = model.resolve("model.safetensors");
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> weights = Golden.tensors(file);
            change.accept(weights);
            List<NewTensor> changed = weights.entrySet().stream()
                    .map(each -> NewTensor.of(each.getKey(), each.getValue()))
                    .toList();
            SafetensorsWriter.write(file, changed, Map.of());
        }
    }

    /** The token of a character. */
    static int id(char character) {
        return 3 + CHARACTERS.indexOf(character);
    }

    private static String tokenizer() {
        ObjectNode root = (ObjectNode) read("""
                {"version": "1.0", "normalizer": null, "added_tokens": [],
                 "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
                   "use_regex": true},
                 "post_processor": null,
                 "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
                 "model": {"type": "BPE", "vocab": {}, "merges": []}}
                """);
        ObjectNode vocabulary = root.withObject("/model/vocab");
        String[] control = {"<unk>", "<s>", "</s>"};
        for (int id = 0; id < control.length; id++) {
            vocabulary.put(control[id], id);
            root.withArray("/added_tokens").add(read("""
                    {"id": %d, "content": "%s", "single_word": false, "lstrip": false, "rstrip": false,
                     "normalized": false, "special": true}
                    """.formatted(id, control[id])));
        }
        CHARACTERS.chars().forEach(c -> vocabulary.put(Character.toString(c), vocabulary.size()));
        return root.toString();
    }

    private static JsonNode read(String json) {
        try {
            return JsonMapper.builder().build().readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
