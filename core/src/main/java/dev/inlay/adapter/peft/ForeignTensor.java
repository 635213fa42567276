package dev.inlay.adapter.peft;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Says what a tensor is that is no factor of plain LoRA. */
final class ForeignTensor {
    private static final Map<Pattern, String> KINDS = kinds();

    private ForeignTensor() {}

    private static Map<Pattern, String> kinds() {
        Map<Pattern, String> kinds = new LinkedHashMap<>();
        kinds.put(
                Pattern.compile(".*\\.lora_[ab]"),
                "has the layout of mlx-lm, which has to be converted first (inlay convert --to peft)");
        kinds.put(
                Pattern.compile(".*(_orig_mod|_fsdp_wrapped_module)\\..*"),
                "carries the prefix of a training wrapper; it has to be stripped first (inlay convert --to peft)");
        kinds.put(
                Pattern.compile(".*\\.lora_[AB]\\.[^.]+\\.weight"),
                "carries the adapter's own name before .weight; it has to be stripped first (inlay convert --to peft)");
        kinds.put(
                Pattern.compile("(?!base_model\\.model\\.).*\\.lora_[AB]\\.weight"),
                "misses the prefix base_model.model.; it has to be added first (inlay convert --to peft)");
        kinds.put(
                Pattern.compile(".*\\.lora_magnitude_vector(\\.weight)?"),
                "belongs to DoRA, and adapter_config.json does not say so (use_dora)");
        kinds.put(
                Pattern.compile(".*\\.lora_embedding_[AB]"),
                "adapts an embedding that adapter_config.json does not target");
        kinds.put(
                Pattern.compile(".*\\.lora_B\\.bias"),
                "is a bias of lora_B, and adapter_config.json does not say so (lora_bias)");
        kinds.put(
                Pattern.compile(".*\\.base_layer\\..*"),
                "is a weight or bias of the base itself, and adapter_config.json names none there (bias)");
        kinds.put(
                Pattern.compile(".*token_adapter\\..*"),
                "holds vectors of tokens that adapter_config.json does not name (trainable_token_indices)");
        kinds.put(Pattern.compile(".*lora_diag.*"), "belongs to KaSA, which is not supported");
        kinds.put(Pattern.compile("prompt_embeddings"), "belongs to prompt tuning, another method");
        kinds.put(
                Pattern.compile(".*\\.lora_[AB]"),
                "has neither prefix nor .weight, as other libraries write; convert it (inlay convert --to peft)");
        kinds.put(
                Pattern.compile("base_model\\.model\\.(?!.*\\.lora_[AB]\\.weight).*\\.(weight|bias)"),
                "is trained whole, and either adapter_config.json does not say so (modules_to_save, bias) or it is a"
                        + " norm, which is not run; dropping it would change the answers");
        return kinds;
    }

    /** The rest of a sentence that begins with the tensor's name; empty if it is nothing that we know. */
    static Optional<String> kind(String name) {
        return KINDS.entrySet().stream()
                .filter(kind -> kind.getKey().matcher(name).matches())
                .map(Map.Entry::getValue)
                .findFirst();
    }
}
