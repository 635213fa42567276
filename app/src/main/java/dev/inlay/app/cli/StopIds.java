package dev.inlay.app.cli;

import dev.inlay.model.generation.Stops;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What ends an answer: the ids that the model's files name, the token by which the chat template ends a turn, and what a
 * user adds.
 */
record StopIds(Stops stops) {
    /** Warns where the two differ: the model may have learned to end otherwise than its files say. */
    static StopIds of(Tokenizer tokenizer, Optional<ChatTemplate> template, Console console) {
        Stops named = Stops.of(tokenizer);
        Stops all = template.map(chat -> Stops.of(tokenizer, chat)).orElse(named);
        Set<Integer> more = new TreeSet<>(all.ids());
        more.removeAll(named.ids());
        if (!more.isEmpty()) {
            console.warn("the chat template ends a turn with " + names(more, tokenizer)
                    + ", which is no eos token of the model (" + names(named.ids(), tokenizer)
                    + "); both end an answer");
        }
        return new StopIds(all);
    }

    StopIds plus(List<Integer> more) {
        return new StopIds(stops.plus(more.stream().mapToInt(id -> id).toArray()));
    }

    String names(Tokenizer tokenizer) {
        return names(stops.ids(), tokenizer);
    }

    private static String names(Set<Integer> ids, Tokenizer tokenizer) {
        String names = new TreeSet<>(ids)
                .stream()
                        .map(id -> id + " " + tokenizer.decodeWithSpecials(new int[] {id}))
                        .collect(Collectors.joining(", "));
        return names.isEmpty() ? "none" : names;
    }
}
