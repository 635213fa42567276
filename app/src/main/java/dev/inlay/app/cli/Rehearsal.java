package dev.inlay.app.cli;

import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.text.Tokenizer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;

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
        Path file = model.resolve("tokenizer.json");
        Files.writeString(file, TOKENIZER);
        try (Tokenizer tokenizer = Tokenizer.load(model)) {
            tokenizer.decode(tokenizer.encode("abba"));
        } finally {
            Files.delete(file);
            Files.delete(model);
        }
    }

    private static void gradient() {
        try (Scope scope = Scope.open()) {
            Tensor weight = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2).asLeaf();
            weight.matmul(weight.transposed()).softmax().sum().backward();
        }
    }
}
