package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import dev.inlay.adapter.LowRank;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.files.SafetensorsFile;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The changes of an adapter directory by the paths of their modules, read without a base: to look at, not to run. Whether
 * they fit a model is for {@link PeftDirectory} to say.
 */
public final class LooseChanges {
    private static final Pattern DOWN = Pattern.compile("base_model\\.model\\.(.+)\\.lora_A\\.weight");
    private static final Pattern UP = Pattern.compile("base_model\\.model\\.(.+)\\.lora_B\\.weight");

    private LooseChanges() {}

    /**
     * Reads the factors in float32, owned by the caller's scope.
     *
     * @throws InlayException if there is anything beside pairs of factors of the ranks that the configuration says
     */
    public static Map<String, LowRank> read(Path directory, Set<Allowance> allowed) {
        PeftConfig config = PeftDirectory.config(directory, allowed);
        Path weights = AdapterFiles.weights(directory);
        try (Scope scope = Scope.open();
                SafetensorsFile file = AdapterError.of(() -> SafetensorsFile.open(weights))) {
            FactorReader reader = new FactorReader(file);
            Map<String, LowRank> changes = new TreeMap<>();
            for (String name : file.tensors().keySet()) {
                Matcher down = DOWN.matcher(name);
                if (down.matches()) {
                    changes.put(down.group(1), pair(file, reader, down.group(1), config.ranks()));
                } else if (!UP.matcher(name).matches()) {
                    throw InlayException.adapter(
                            "%s: tensor %s %s; name the model to look further",
                            weights, name, ForeignTensor.kind(name).orElse("is no factor"));
                }
            }
            requirePairs(file, changes.size(), weights);
            changes.values().forEach(change -> {
                scope.keep(change.up());
                scope.keep(change.down());
            });
            return changes;
        }
    }

    private static LowRank pair(SafetensorsFile file, FactorReader reader, String path, Ranks ranks) {
        String name = StoredFactors.upName(path);
        if (!file.tensors().containsKey(name)) {
            throw InlayException.adapter("%s: %s is missing: a change needs both factors", file.path(), name);
        }
        return AdapterError.of(() -> {
            Tensor up = reader.read(name);
            Tensor down = reader.read(StoredFactors.downName(path));
            LowRank change = new LowRank(up, down, ranks.scaleOf(path));
            if (change.rank() != ranks.rankOf(path)) {
                throw InlayException.adapter(
                        "%s: the factors of %s have rank %d, and adapter_config.json says %d (r or rank_pattern)",
                        file.path(), path, change.rank(), ranks.rankOf(path));
            }
            return change;
        });
    }

    private static void requirePairs(SafetensorsFile file, int pairs, Path weights) {
        if (pairs == 0 || file.tensors().size() != 2 * pairs) {
            throw InlayException.adapter(
                    "%s: has %d tensors and %d pairs of factors",
                    weights, file.tensors().size(), pairs);
        }
    }
}
