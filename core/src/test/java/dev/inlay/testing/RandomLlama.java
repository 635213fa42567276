package dev.inlay.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Tensor;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsWriter;
import dev.inlay.model.files.StoredType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A Llama of any size with random weights, for tests of time and memory that need no sense. */
public record RandomLlama(int layers, int width, int feedForward, int heads, int keyValueHeads, int vocabulary) {
    /** Writes a model directory; a tied head. */
    public void write(Path directory, DType type) {
        writeConfig(directory, type);
        SafetensorsWriter.write(directory.resolve("model.safetensors"), tensors(type), Map.of());
    }

    /** Writes a model directory whose weights are all zero and lie nowhere: a file of any size that takes no disk. */
    public void writeHollow(Path directory, DType type) throws IOException {
        writeConfig(directory, type);
        Map<String, Object> header = new TreeMap<>();
        long end = 0;
        for (NewTensor tensor : tensors(type)) {
            long begin = end;
            end += tensor.bytes();
            header.put(
                    tensor.name(),
                    Map.of(
                            "dtype", StoredType.of(type).name(),
                            "shape", tensor.shape(),
                            "data_offsets", new long[] {begin, end}));
        }
        byte[] json = new String(Json.bytes(header), UTF_8).strip().getBytes(UTF_8);
        try (RandomAccessFile file =
                new RandomAccessFile(directory.resolve("model.safetensors").toFile(), "rw")) {
            file.writeLong(Long.reverseBytes(json.length));
            file.write(json);
            file.setLength(8 + json.length + end);
        }
    }

    private void writeConfig(Path directory, DType type) {
        Map<String, Object> config = new TreeMap<>();
        config.put("model_type", "llama");
        config.put("hidden_size", width);
        config.put("intermediate_size", feedForward);
        config.put("num_hidden_layers", layers);
        config.put("num_attention_heads", heads);
        config.put("num_key_value_heads", keyValueHeads);
        config.put("vocab_size", vocabulary);
        config.put("max_position_embeddings", 4096);
        config.put("tie_word_embeddings", true);
        config.put("torch_dtype", type.name().toLowerCase(Locale.ROOT));
        Json.write(directory.resolve("config.json"), config);
    }

    private List<NewTensor> tensors(DType type) {
        List<NewTensor> tensors = new ArrayList<>();
        int other = width / heads * keyValueHeads;
        tensors.add(matrix("model.embed_tokens.weight", type, vocabulary, width));
        tensors.add(ones("model.norm.weight", type));
        for (int layer = 0; layer < layers; layer++) {
            String path = "model.layers." + layer + ".";
            tensors.add(ones(path + "input_layernorm.weight", type));
            tensors.add(ones(path + "post_attention_layernorm.weight", type));
            tensors.add(matrix(path + "self_attn.q_proj.weight", type, width, width));
            tensors.add(matrix(path + "self_attn.k_proj.weight", type, other, width));
            tensors.add(matrix(path + "self_attn.v_proj.weight", type, other, width));
            tensors.add(matrix(path + "self_attn.o_proj.weight", type, width, width));
            tensors.add(matrix(path + "mlp.gate_proj.weight", type, feedForward, width));
            tensors.add(matrix(path + "mlp.up_proj.weight", type, feedForward, width));
            tensors.add(matrix(path + "mlp.down_proj.weight", type, width, feedForward));
        }
        return tensors;
    }

    private static NewTensor matrix(String name, DType type, long rows, long columns) {
        double deviation = 1 / Math.sqrt(columns);
        return NewTensor.computed(
                name,
                type,
                new long[] {rows, columns},
                () -> Tensor.normal(deviation, name.hashCode(), DType.FLOAT32, rows, columns)
                        .to(type));
    }

    private NewTensor ones(String name, DType type) {
        return NewTensor.computed(name, type, new long[] {width}, () -> Tensor.full(1, type, Device.CPU, width));
    }
}
