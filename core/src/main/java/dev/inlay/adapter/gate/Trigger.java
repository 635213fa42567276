package dev.inlay.adapter.gate;

import static dev.inlay.InlayException.require;

import java.util.ArrayList;
import java.util.List;

/**
 * Tokens whose occurrence in a row decides where a gate opens; PEFT: {@code alora_invocation_tokens}.
 *
 * @param ids at least one, in order
 * @param text which the tokenizer makes these ids of, without the tokens that it puts around a text; empty if unknown
 */
public record Trigger(List<Integer> ids, String text) {
    public Trigger {
        ids = List.copyOf(ids);
        require(!ids.isEmpty(), "a trigger has at least one token");
        ids.forEach(
                id -> require(id >= 0, "token ids of a trigger (alora_invocation_tokens) count from 0, found %d", id));
    }

    /** A trigger of which only the tokens are known. */
    public static Trigger of(List<Integer> ids) {
        return new Trigger(ids, "");
    }

    public int length() {
        return ids.size();
    }

    /** Where it starts in a row, ascending: every exact match, overlapping ones included. */
    public List<Integer> occurrences(int[] row) {
        List<Integer> found = new ArrayList<>();
        for (int start = 0; start + ids.size() <= row.length; start++) {
            if (isAt(row, start)) {
                found.add(start);
            }
        }
        return found;
    }

    private boolean isAt(int[] row, int start) {
        for (int i = 0; i < ids.size(); i++) {
            if (row[start + i] != ids.get(i)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return text.isEmpty() ? ids.toString() : "\"" + text + "\" " + ids;
    }
}
