package dev.inlay.app.cli;

import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Touches what most commands need, so that the launcher can have the Java machine archive these classes: a start then
 * maps them instead of reading and checking them again. As a side effect the native libraries are unpacked.
 *
 * <p>It computes nothing of interest and is never part of a command.
 */
final class Rehearsal {
    private static final String TOKENIZER = """
            {"version": "1.0", "added_tokens": [], "normalizer": null, "pre_tokenizer": {"type": "ByteLevel",
             "add_prefix_space": false, "trim_offsets": true, "use_regex": true}, "post_processor": null,
             "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
             "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": [["a", "b"]]}}
            """;

    private static final String CONFIG = """
            {"model_type": "llama", "vocab_size": 3, "hidden_size": 4, "intermediate_size": 4, "num_hidden_layers": 1,
             "num_attention_heads": 1, "max_position_embeddings": 8, "rms_norm_eps": 1e-5, "hidden_act": "silu",
             "tie_word_embeddings": true}
            """;

    private Rehearsal() {}

    public static void main(String[] arguments) throws IOException {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        Inlay.run(nowhere, nowhere, "--help");
        Inlay.run(nowhere, nowhere, "--json", "--no-such-option");
        text();
        gradient();
    }

    private static void text() throws IOException {
        Path model = Files.createTempDirectory("inlay-rehearsal-");
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        try {
            Files.writeString(model.resolve("tokenizer.json"), TOKENIZER);
            Files.writeString(model.resolve("config.json"), CONFIG);
            SafetensorsWriter.write(model.resolve("model.safetensors"), weights(), Map.of());
            int code = Inlay.run(
                    nowhere, nowhere, "generate", "--model", model.toString(), "--prompt", "abba", "--max-tokens", "2");
            if (code != 0) {
                throw new IllegalStateException("the rehearsal of generate ended with code " + code);
            }
        } finally {
            try (Stream<Path> files = Files.list(model)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(model);
        }
    }

    private static List<NewTensor> weights() {
        List<NewTensor> weights = new ArrayList<>(List.of(
                NewTensor.of("model.embed_tokens.weight", new float[12], 3, 4),
                NewTensor.of("model.norm.weight", new float[4], 4),
                NewTensor.of("model.layers.0.input_layernorm.weight", new float[4], 4),
                NewTensor.of("model.layers.0.post_attention_layernorm.weight", new float[4], 4)));
        for (String map : List.of("self_attn.q", "self_attn.k", "self_attn.v", "self_attn.o", "mlp.gate", "mlp.up")) {
            weights.add(NewTensor.of("model.layers.0." + map + "_proj.weight", new float[16], 4, 4));
        }
        weights.add(NewTensor.of("model.layers.0.mlp.down_proj.weight", new float[16], 4, 4));
        return weights;
    }

    private static void gradient() {
        try (Scope scope = Scope.open()) {
            Tensor weight = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2).asLeaf();
            weight.matmul(weight.transposed()).softmax().sum().backward();
        }
    }
}
