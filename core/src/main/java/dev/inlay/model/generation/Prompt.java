package dev.inlay.model.generation;

import dev.inlay.model.Intervention;
import java.util.List;

/**
 * What one row continues, and who intervenes in that row.
 *
 * @param ids token ids
 * @param interventions an adapter, several, or none
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of an array, never compared
public record Prompt(int[] ids, List<Intervention> interventions) {
    public Prompt {
        ids = ids.clone();
        interventions = List.copyOf(interventions);
    }
}
