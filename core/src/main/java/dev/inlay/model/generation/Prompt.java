package dev.inlay.model.generation;

import dev.inlay.model.Intervention;
import dev.inlay.model.Reading;
import java.util.List;

/**
 * What one row continues, and who intervenes in that row.
 *
 * @param reading the tokens, and where they say themselves that gates are open
 * @param interventions an adapter, several, or none
 * @param listening whether what grows can open a gate
 */
public record Prompt(Reading reading, List<Intervention> interventions, Listening listening) {
    public Prompt {
        interventions = List.copyOf(interventions);
    }

    /** Rules decide where gates are open. */
    public Prompt(int[] ids, List<Intervention> interventions, Listening listening) {
        this(Reading.of(ids.clone()), interventions, listening);
    }

    /** What grows opens no gate. */
    public Prompt(int[] ids, List<Intervention> interventions) {
        this(ids, interventions, Listening.TO_GIVEN);
    }

    /** Its tokens. */
    public int[] ids() {
        return reading.ids();
    }

    /** As given once more has been: its tokens and others behind them. */
    Reading grown(int[] all) {
        return new Reading(all, all.length, reading.stated());
    }
}
