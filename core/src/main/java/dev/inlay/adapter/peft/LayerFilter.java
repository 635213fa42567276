package dev.inlay.adapter.peft;

import java.util.List;
import java.util.OptionalInt;

/**
 * Which layers are meant: {@code layers_to_transform} and {@code layers_pattern}.
 *
 * @param layers numbers of layers; empty means every layer
 * @param lists names of the list of layers (regular expressions); empty means any name
 */
public record LayerFilter(List<Integer> layers, List<NamePattern> lists) {
    /** Lets every layer pass. */
    public static final LayerFilter NONE = new LayerFilter(List.of(), List.of());

    public LayerFilter {
        layers = List.copyOf(layers);
        lists = List.copyOf(lists);
    }

    boolean passes(String path) {
        if (layers.isEmpty()) {
            return true;
        }
        OptionalInt layer = lists.isEmpty() ? firstNumber(path) : firstListed(path);
        return layer.isPresent() && layers.contains(layer.getAsInt());
    }

    private OptionalInt firstListed(String path) {
        return lists.stream()
                .map(list -> list.layerIn(path))
                .filter(OptionalInt::isPresent)
                .findFirst()
                .orElse(OptionalInt.empty());
    }

    /** The first numeric segment with at least two segments before it and one behind. */
    private static OptionalInt firstNumber(String path) {
        String[] segments = path.split("\\.", -1);
        for (int i = 2; i < segments.length - 1; i++) {
            if (segments[i].matches("[0-9]{1,9}")) {
                return OptionalInt.of(Integer.parseInt(segments[i]));
            }
        }
        return OptionalInt.empty();
    }
}
