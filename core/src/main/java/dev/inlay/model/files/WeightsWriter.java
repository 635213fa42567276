package dev.inlay.model.files;

import dev.inlay.InlayException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes the weights of a model directory as {@link Weights} reads them: one file, or shards and their index where one
 * file would be too large. Tensors go to the shards in the given order; one that is larger than a shard has its own.
 */
public final class WeightsWriter {
    private WeightsWriter() {}

    /**
     * Writes into an existing directory, the index last.
     *
     * @param largestShard bytes of tensors in one file
     */
    public static void write(Path directory, List<NewTensor> tensors, Map<String, String> metadata, long largestShard) {
        List<List<NewTensor>> shards = shards(tensors, largestShard);
        if (shards.size() == 1) {
            SafetensorsWriter.write(directory.resolve(Weights.SINGLE), tensors, metadata);
            return;
        }
        Map<String, String> weightMap = new TreeMap<>();
        for (int i = 0; i < shards.size(); i++) {
            String name = String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
            for (NewTensor tensor : shards.get(i)) {
                if (weightMap.put(tensor.name(), name) != null) {
                    throw InlayException.data(
                            "%s: the tensor name %s occurs twice", directory, Quoted.name(tensor.name()));
                }
            }
            SafetensorsWriter.write(directory.resolve(name), shards.get(i), metadata);
        }
        Map<String, Long> sizes = Map.of("total_size", SafetensorsWriter.bytes(tensors));
        Json.write(directory.resolve(Weights.INDEX), Map.of("metadata", sizes, "weight_map", weightMap));
    }

    private static List<List<NewTensor>> shards(List<NewTensor> tensors, long largest) {
        List<List<NewTensor>> shards = new ArrayList<>();
        List<NewTensor> shard = new ArrayList<>();
        long size = 0;
        for (NewTensor tensor : tensors) {
            if (!shard.isEmpty() && tensor.bytes() > largest - size) {
                shards.add(shard);
                shard = new ArrayList<>();
                size = 0;
            }
            shard.add(tensor);
            size += tensor.bytes();
        }
        shards.add(shard);
        return shards;
    }
}
