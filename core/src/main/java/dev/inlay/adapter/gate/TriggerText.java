package dev.inlay.adapter.gate;

import dev.inlay.InlayException;
import dev.inlay.model.Gate;
import dev.inlay.model.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Whether a tokenizer makes of a trigger's text the tokens that the trigger is: with other tokens a gate would never open,
 * as after a change of the tokenizer's version.
 */
public final class TriggerText {
    private TriggerText() {}

    /**
     * @param where names the gate in errors
     * @throws InlayException if a text that is known has other tokens
     */
    public static void require(Gate gate, Tokenizer tokenizer, String where) {
        for (Trigger trigger : triggers(gate)) {
            List<Integer> ids = Arrays.stream(
                            tokenizer.encodeTemplated(trigger.text()).ids())
                    .boxed()
                    .toList();
            if (!trigger.text().isEmpty() && !ids.equals(trigger.ids())) {
                throw InlayException.adapter(
                        "%s: the trigger \"%s\" is %s, and this tokenizer makes %s of it; use the tokenizer of its training",
                        where, trigger.text(), trigger.ids(), ids);
            }
        }
    }

    /** The trigger by which a gate opens; empty where something else opens it. */
    public static Optional<Trigger> opening(Gate gate) {
        return triggers(gate).stream().findFirst();
    }

    private static List<Trigger> triggers(Gate gate) {
        List<Trigger> found = new ArrayList<>();
        if (gate instanceof TriggerGate own) {
            found.add(own.trigger());
            if (own.closing() instanceof Closing.Before before) {
                found.add(before.marker());
            }
        } else if (gate instanceof ScaledGate scaled) {
            found.addAll(triggers(scaled.inner()));
        } else if (gate instanceof OppositeGate opposite) {
            found.addAll(triggers(opposite.inner()));
        } else if (gate instanceof RandomGate random) {
            found.addAll(triggers(random.inner()));
        }
        return found;
    }
}
