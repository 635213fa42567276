package dev.inlay.app.experiments.modular;

import dev.inlay.InlayException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What is tuned, and on which base: {@code lora value}, {@code lora query key}, {@code orthogonal value}, {@code full},
 * {@code full value}, {@code random value}, each with {@code on BASE} behind it where the base is not the tied one.
 *
 * @param targets maps that change; empty for all weights of the model
 */
record Arm(Kind kind, List<Projection> targets, Base base) {
    /** How weights change. */
    enum Kind {
        /** By a low-rank change. */
        LORA,
        /** By a low-rank change that neither reads nor writes the leading singular directions of its map. */
        ORTHOGONAL,
        /** Each on its own. */
        FULL,
        /** Not trained: a drawn low-rank change that has, epoch by epoch, the norm of the trained one. */
        RANDOM
    }

    Arm {
        targets = List.copyOf(targets);
        if (targets.isEmpty() && kind != Kind.FULL) {
            throw InlayException.usage(
                    "%s names the maps that change: query, key, value; for example \"%s value\"",
                    kind.name().toLowerCase(Locale.ROOT), kind.name().toLowerCase(Locale.ROOT));
        }
    }

    static Arm parse(String text) {
        List<String> words = new ArrayList<>(List.of(text.strip().split("\\s+")));
        Base base = Base.TIED;
        int on = words.indexOf("on");
        if (on >= 0) {
            base = Base.parse(String.join(" ", words.subList(on + 1, words.size())));
            words.subList(on, words.size()).clear();
        }
        if (words.isEmpty()) {
            throw unknown(text);
        }
        Kind kind = named(Kind.values(), words.get(0), text);
        return new Arm(
                kind,
                words.stream()
                        .skip(1)
                        .map(word -> named(Projection.values(), word, text))
                        .sorted()
                        .distinct()
                        .toList(),
                base);
    }

    private static <E extends Enum<E>> E named(E[] all, String word, String text) {
        return Arrays.stream(all)
                .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(word))
                .findFirst()
                .orElseThrow(() -> unknown(text));
    }

    private static InlayException unknown(String text) {
        return InlayException.usage(
                "an arm is lora, orthogonal, full or random, then maps (query, key, value), then \"on\" and a base;"
                        + " was \"%s\"; try: \"lora value\"",
                text);
    }

    /** The trained arm whose norms a random one has. */
    Arm trained() {
        return new Arm(Kind.LORA, targets, base);
    }

    /** The text that gives this arm again. */
    String text() {
        Stream<String> words =
                Stream.concat(Stream.of(kind.name()), targets.stream().map(Projection::name));
        String text = String.join(
                " ", words.map(word -> word.toLowerCase(Locale.ROOT)).toList());
        return base == Base.TIED ? text : text + " on " + base.text();
    }
}
