package dev.inlay.app.cli;

import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.gate.Trigger;
import dev.inlay.adapter.gate.TriggerText;
import dev.inlay.model.Intervention;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The triggers that adapters in use wait for, each once. They are given as tokens: spelled out in a text, a control token
 * stays text and opens nothing.
 */
record OwnTriggers(List<Trigger> triggers) {
    static OwnTriggers of(List<Intervention> interventions) {
        return new OwnTriggers(interventions.stream()
                .filter(Adapter.class::isInstance)
                .map(each -> TriggerText.opening(((Adapter) each).gate()))
                .flatMap(Optional::stream)
                .distinct()
                .toList());
    }

    boolean isEmpty() {
        return triggers.isEmpty();
    }

    /** All tokens, in the order of the adapters. */
    int[] ids() {
        return triggers.stream()
                .flatMap(trigger -> trigger.ids().stream())
                .mapToInt(Integer::intValue)
                .toArray();
    }

    @Override
    public String toString() {
        return triggers.stream().map(Trigger::toString).collect(Collectors.joining(", "));
    }
}
