package dev.inlay.model.generation;

import dev.inlay.model.Intervention;
import java.util.List;

/**
 * What one row continues, and who intervenes in that row.
 *
 * @param ids token ids
 * @param interventions an adapter, several, or none
 * @param listening whether what grows can open a gate
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of an array, never compared
public record Prompt(int[] ids, List<Intervention> interventions, Listening listening) {
    public Prompt {
        ids = ids.clone();
        interventions = List.copyOf(interventions);
    }

    /** What grows opens no gate. */
    public Prompt(int[] ids, List<Intervention> interventions) {
        this(ids, interventions, Listening.TO_GIVEN);
    }
}
