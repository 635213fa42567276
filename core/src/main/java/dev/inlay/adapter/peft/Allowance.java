package dev.inlay.adapter.peft;

import java.util.Locale;

/** What a caller may state to know better about. Without one, each of these ends the reading with an error. */
public enum Allowance {
    /** The adapter was trained on a base with another fingerprint. */
    OTHER_BASE,
    /** The adapter was trained with another {@code tokenizer.json}. */
    OTHER_TOKENIZER,
    /** The adapter was trained with another chat template. */
    OTHER_TEMPLATE,
    /** Keys of {@code adapter_config.json} that we do not know and that hold a value. */
    UNKNOWN_KEYS,
    /** {@code auto_mapping} is set: the base was loaded by a class of its own. */
    AUTO_MAPPING,
    /** {@code eva_config} is filled: the factors started from the data; the base is unchanged. */
    DATA_DRIVEN_START,
    /** {@code fan_in_fan_out} contradicts how the base stores its weights; the factors mean the same either way. */
    WRONG_FAN_IN_FAN_OUT;

    /** As people write it: {@code other-base}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
