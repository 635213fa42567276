package dev.inlay.adapter.peft;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Keys that we understand and do not run. Each is neutral while null, false or empty, and refused otherwise. */
final class UnsupportedKeys {
    private static final Map<String, String> REASONS = reasons();

    private UnsupportedKeys() {}

    private static Map<String, String> reasons() {
        Map<String, String> reasons = new LinkedHashMap<>();
        reasons.put("layer_replication", "the adapter is for a deeper model made of repeated layers");
        reasons.put("kasa_config", "KaSA truncates the base weights");
        reasons.put("use_bdlora", "the factors of BD-LoRA are block-diagonal");
        reasons.put("arrow_config", "Arrow routes tokens between adapters");
        reasons.put("velora_config", "VeLoRA is another variant");
        reasons.put("monteclora_config", "MonteCLoRA samples its factors");
        reasons.put("use_qalora", "the first factor of QALoRA acts on groups of inputs");
        reasons.put("megatron_config", "the layers are Megatron's parallel ones");
        reasons.put("loftq_config", "LoftQ changes the base weights");
        reasons.put("corda_config", "CorDA changes the base weights");
        reasons.put("lora_ga_config", "LoRA-GA changes the base weights");
        reasons.put("enable_lora", "fused projections of PEFT before 0.3 store their factors otherwise");
        reasons.put("merge_weights", "PEFT before 0.3 stores its factors otherwise");
        return reasons;
    }

    static void refuseIn(ConfigFields fields) {
        REASONS.forEach((key, reason) -> {
            JsonNode value = fields.value(key);
            if (value != null && !ConfigFields.isNeutral(value)) {
                throw InlayException.adapter(
                        "%s is set (%s) and not supported: %s", fields.where(key), fields.shown(key), reason);
            }
        });
    }
}
