package dev.inlay.model.text;

import dev.inlay.InlayException;
import java.util.HashMap;
import java.util.Map;

/**
 * A conversation in which every spelled-out control token is replaced by a run of one private-use character of the same
 * length, so that a template renders them at the same places and no tokenizer takes them for control tokens.
 */
public final class Disguise {
    private static final char FIRST = '\uE000';
    private static final char LAST = '\uF8FF';

    private final Tokenizer tokenizer;
    private final Conversation conversation;
    private final StringBuilder original = new StringBuilder();
    private final Map<String, Character> masks = new HashMap<>();

    private char next = FIRST;

    public Disguise(Conversation original, Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        original.mapTexts(this::noted);
        this.conversation = original.mapTexts(this::masked);
    }

    private String noted(String text) {
        original.append(text);
        return text;
    }

    /** The conversation to render. */
    public Conversation conversation() {
        return conversation;
    }

    /** Whether any message spells out a control token. */
    public boolean isNeeded() {
        return !masks.isEmpty();
    }

    /** A character that no message holds and no mask uses. */
    public char unused() {
        while (next <= LAST && original.indexOf(String.valueOf(next)) >= 0) {
            next++;
        }
        if (next > LAST) {
            throw InlayException.data(
                    "the messages use every private-use character, which leaves none to mark a place");
        }
        return next++;
    }

    /** The text with all masks taken off; of the same length. */
    public String restored(String text) {
        if (!isNeeded()) {
            return text;
        }
        StringBuilder result = new StringBuilder(text);
        masks.forEach((spelled, mask) -> {
            for (int i = 0; i < result.length(); i++) {
                if (result.charAt(i) == mask) {
                    // a run is as long as the token or a multiple of it
                    for (int k = 0; k < spelled.length() && i + k < result.length(); k++) {
                        result.setCharAt(i + k, spelled.charAt(k));
                    }
                    i += spelled.length() - 1;
                }
            }
        });
        return result.toString();
    }

    private String masked(String content) {
        Encoded encoded = tokenizer.encodeTemplated(content);
        StringBuilder result = new StringBuilder(content);
        for (int i = 0; i < encoded.ids().length; i++) {
            if (tokenizer.isControl(encoded.ids()[i])) {
                String spelled = content.substring(encoded.starts()[i], encoded.ends()[i]);
                char mask = masks.computeIfAbsent(spelled, s -> unused());
                for (int k = encoded.starts()[i]; k < encoded.ends()[i]; k++) {
                    result.setCharAt(k, mask);
                }
            }
        }
        return result.toString();
    }
}
