package dev.inlay.adapter.gate;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import dev.inlay.model.Gate;
import dev.inlay.model.Reading;
import dev.inlay.model.Segments;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Closed before a trigger and open from it on ("LoRA mask"; Activated LoRA, Greenewald et al. 2025, equation 3). The
 * trigger is sought among the given tokens of a row; a trigger that the model itself writes opens nothing.
 *
 * @param closing where a segment ends; {@link Occurrence#EVERY} needs one
 */
public record TriggerGate(
        Trigger trigger, Boundary boundary, Occurrence occurrence, OnMissing onMissing, Closing closing)
        implements Gate {
    public TriggerGate {
        require(
                occurrence != Occurrence.EVERY || !closing.equals(Closing.NEVER),
                "a gate that every occurrence opens needs something that closes it: a length or a marker");
    }

    /** As PEFT opens it, and a row without the trigger is an error. */
    public static TriggerGate of(Trigger trigger) {
        return new TriggerGate(
                trigger, Boundary.AT_FIRST_TRIGGER_TOKEN, Occurrence.LAST, OnMissing.ERROR, Closing.NEVER);
    }

    /** The same with another policy for rows that lack the trigger. */
    public TriggerGate with(OnMissing other) {
        return new TriggerGate(trigger, boundary, occurrence, other, closing);
    }

    /** The same with another first token. */
    public TriggerGate with(Boundary other) {
        return new TriggerGate(trigger, other, occurrence, onMissing, closing);
    }

    /** The same for another of several occurrences. */
    public TriggerGate with(Occurrence other, Closing end) {
        return new TriggerGate(trigger, boundary, other, onMissing, end);
    }

    /** Whether PEFT's {@code alora_invocation_tokens} say the same of rows that have the trigger. */
    public boolean isActivatedLora() {
        return boundary == Boundary.AT_FIRST_TRIGGER_TOKEN
                && occurrence == Occurrence.LAST
                && closing.equals(Closing.NEVER);
    }

    @Override
    public Segments over(Reading row) {
        int[] given = row.givenIds();
        List<Integer> found = trigger.occurrences(given);
        if (found.isEmpty()) {
            return missing(given.length);
        }
        List<Segments.Run> runs = new ArrayList<>();
        int end = -1;
        for (int index : occurrence.of(found)) {
            int start = boundary.start(index, trigger.length());
            if (start > end) {
                close(runs, end);
                runs.add(new Segments.Run(start, 1));
            }
            end = closing.end(given, start).orElse(Integer.MAX_VALUE);
        }
        close(runs, end);
        return new Segments(runs);
    }

    /** Ends of segments do not fall back: those of later starts come later. */
    private static void close(List<Segments.Run> runs, int end) {
        if (!runs.isEmpty() && end != Integer.MAX_VALUE) {
            runs.add(new Segments.Run(end, 0));
        }
    }

    private Segments missing(int given) {
        return switch (onMissing) {
            case BASE -> Segments.CLOSED;
            case ALL_ON -> Segments.OPEN;
            case ERROR ->
                throw InlayException.data(
                        "the trigger %s does not occur in the %d tokens given; put it there as the adapter was"
                                + " trained with it (a control token in a text stays text: generate --trigger, or /trigger and"
                                + " /role in chat), or say that such rows are for the base (on-missing base)",
                        trigger, given);
        };
    }

    @Override
    public String toString() {
        String which = occurrence == Occurrence.LAST ? "" : occurrence.name().toLowerCase(Locale.ROOT) + " ";
        String where = boundary.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return which + "trigger " + trigger + ", " + where
                + (closing.equals(Closing.NEVER) ? "" : ", closed " + closing);
    }
}
