package dev.inlay.testing;

import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Tensor;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.files.StoredTensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The recorded truth of {@code tools/golden}; its README describes the layout. */
public final class Golden {
    /** The models of the families beside Llama and GPT-2; their weights are stored in float16, computed in float32. */
    public static final List<String> FAMILIES = List.of(
            "mistral-window",
            "qwen2-yarn-upper-window",
            "qwen3-layer-types",
            "gemma",
            "gemma2",
            "gemma3",
            "phi3-longrope-partial",
            "olmo2",
            "granite",
            "smollm3",
            "gpt-neox");

    private static final Path ROOT = Path.of("src", "test", "resources", "golden");

    private Golden() {}

    /** A file or folder of the recordings. */
    public static Path path(String name) {
        Path fromCore = ROOT.resolve(name);
        return fromCore.toFile().exists()
                ? fromCore
                : Path.of("..", "core").resolve(ROOT).resolve(name);
    }

    /** All tensors of a recorded file, owned by the caller's scope. */
    public static Map<String, Tensor> tensors(Path file) {
        Map<String, Tensor> result = new TreeMap<>();
        try (SafetensorsFile stored = SafetensorsFile.open(file)) {
            for (StoredTensor tensor : stored.tensors().values()) {
                result.put(tensor.name(), read(stored, tensor));
            }
        }
        return result;
    }

    private static Tensor read(SafetensorsFile file, StoredTensor stored) {
        Tensor tensor = Tensor.empty(
                switch (stored.type()) {
                    case F32 -> DType.FLOAT32;
                    case I64 -> DType.INT64;
                    case BOOL -> DType.BOOL;
                    default -> throw new IllegalArgumentException("no test needs " + stored.type());
                },
                Device.CPU,
                stored.shape());
        file.read(stored, 0, tensor.bytes(0, Math.toIntExact(stored.bytes())));
        return tensor;
    }

    /** Token ids of a recorded row. */
    public static int[] ids(Tensor tensor) {
        return Arrays.stream(tensor.toLongs()).mapToInt(Math::toIntExact).toArray();
    }

    /** Largest absolute difference of two tensors of one shape, in float64. */
    public static double difference(Tensor expected, Tensor actual) {
        if (!Arrays.equals(expected.shape(), actual.shape())) {
            throw new AssertionError("expected " + expected + ", found " + actual);
        }
        return expected.to(DType.FLOAT64)
                .minus(actual.detached().to(DType.FLOAT64))
                .maxAbs();
    }
}
