package dev.inlay.adapter.exchange;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.model.files.SafetensorsFile;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * An adapter directory as another program sees it: keys and names, not what they mean to us. So a consumer can be asked
 * about adapters that we do not run ourselves.
 *
 * @param config the keys of {@code adapter_config.json}
 * @param tensors names in the weight file
 * @param metadata of the weight file
 */
record StoredAdapter(JsonObject config, Set<String> tensors, Map<String, String> metadata) {
    /** Empty if a file is missing or broken, which the strict reader explains. */
    static Optional<StoredAdapter> of(Path directory) {
        try (SafetensorsFile file = SafetensorsFile.open(directory.resolve("adapter_model.safetensors"))) {
            JsonObject config = Json.readObject(directory.resolve("adapter_config.json"));
            return Optional.of(
                    new StoredAdapter(config, Set.copyOf(file.tensors().keySet()), Map.copyOf(file.metadata())));
        } catch (InlayException e) {
            return Optional.empty();
        }
    }

    /** Whether a key holds more than null, false, zero or nothing. */
    boolean sets(String key) {
        JsonNode value = config.get(key);
        boolean empty = value.isMissingNode()
                || value.isNull()
                || (value.isBoolean() && !value.booleanValue())
                || (value.isContainerNode() && value.isEmpty())
                || (value.isTextual() && value.textValue().isEmpty());
        return !empty;
    }

    /** Whether it acts on some tokens only. */
    boolean isGated() {
        return sets("alora_invocation_tokens") || metadata.containsKey("inlay.gate");
    }

    /** Whether biases of the base were trained. */
    boolean trainsBiases() {
        return sets("bias") && !config.get("bias").asText().equals("none");
    }

    /**
     * Whether a pattern gives some module another scale than {@code lora_alpha} and {@code r} do. Patterns of equal keys
     * may leave it as it is; others are taken to change it.
     */
    boolean scalesDiffer() {
        JsonNode ranks = config.get("rank_pattern");
        JsonNode alphas = config.get("alpha_pattern");
        if (ranks.size() != alphas.size()) {
            return true;
        }
        double usual =
                config.get("lora_alpha").asDouble(8) / divisor(config.get("r").asDouble(8));
        return ranks.properties().stream()
                .anyMatch(rank -> alphas.path(rank.getKey()).asDouble()
                                / divisor(rank.getValue().asDouble())
                        != usual);
    }

    private double divisor(double rank) {
        return config.get("use_rslora").asBoolean() ? Math.sqrt(rank) : rank;
    }

    /** Whether a tensor has such a name. */
    boolean holds(Predicate<String> name) {
        return tensors.stream().anyMatch(name);
    }

    /** Whether the output head or the embedding is adapted. */
    boolean changesVocabulary() {
        return holds(name -> name.contains("lora_embedding_")
                || name.matches("(.*\\.)?(lm_head|embed_tokens|wte|embed_out)\\.lora_[AB]\\.weight"));
    }
}
