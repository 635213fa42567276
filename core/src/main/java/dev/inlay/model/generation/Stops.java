package dev.inlay.model.generation;

import static dev.inlay.InlayException.require;

import dev.inlay.model.text.ChatPrompt;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * What ends a row. Neither a stop id nor a stop string, nor anything after it, is part of the result.
 *
 * @param ids tokens that end a row
 * @param strings texts that end a row wherever they appear in what it generates, also across tokens
 */
public record Stops(Set<Integer> ids, List<String> strings) {
    public Stops {
        ids = Set.copyOf(ids);
        strings = List.copyOf(strings);
        for (int id : ids) {
            require(id >= 0, "a stop id must not be negative, was %d", id);
        }
        require(strings.stream().noneMatch(String::isEmpty), "a stop string must not be empty");
    }

    /** Nothing but the number of tokens ends a row. */
    public static Stops none() {
        return new Stops(Set.of(), List.of());
    }

    /** Every stop id that the files beside the tokenizer name. */
    public static Stops of(Tokenizer tokenizer) {
        return none().plus(tokenizer.stopIds());
    }

    /** The same, and the token by which the chat template ends a turn, should the files forget it. */
    public static Stops of(Tokenizer tokenizer, ChatTemplate template) {
        Stops named = of(tokenizer);
        OptionalInt end = ChatPrompt.endOfTurn(tokenizer, template);
        return end.isPresent() ? named.plus(end.getAsInt()) : named;
    }

    public Stops plus(int... more) {
        Set<Integer> all = new TreeSet<>(ids);
        Arrays.stream(more).forEach(all::add);
        return new Stops(all, strings);
    }

    public Stops plus(List<String> more) {
        List<String> all = new ArrayList<>(strings);
        all.addAll(more);
        return new Stops(ids, all);
    }
}
