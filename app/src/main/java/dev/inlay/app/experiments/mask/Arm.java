package dev.inlay.app.experiments.mask;

import dev.inlay.adapter.gate.Trigger;
import dev.inlay.adapter.gate.TriggerGate;
import dev.inlay.model.Gate;
import java.util.Locale;

/** On which tokens the adapter of an arm acts. */
public enum Arm {
    /** From the trigger on: what comes before is the base's. */
    MASK {
        @Override
        Gate gate(Trigger trigger) {
            return TriggerGate.of(trigger);
        }
    },
    /** On all tokens: plain LoRA. */
    NO_MASK {
        @Override
        Gate gate(Trigger trigger) {
            return Gate.OPEN;
        }
    };

    abstract Gate gate(Trigger trigger);

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
