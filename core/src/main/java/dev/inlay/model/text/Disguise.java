package dev.inlay.model.text;

import dev.inlay.InlayException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Messages in which every spelled-out control token is replaced by a run of one private-use character of the same
 * length, so that a template renders them at the same places and no tokenizer takes them for control tokens.
 */
public final class Disguise {
    private static final char FIRST = '\uE000';
    private static final char LAST = '\uF8FF';

    private final List<Message> messages;
    private final String original;
    private final Map<String, Character> masks = new HashMap<>();

    private char next = FIRST;

    public Disguise(List<Message> messages, Tokenizer tokenizer) {
        this.original = messages.stream().map(Message::content).collect(Collectors.joining());
        List<Message> masked = new ArrayList<>();
        for (Message message : messages) {
            masked.add(new Message(message.role(), masked(message.content(), tokenizer)));
        }
        this.messages = List.copyOf(masked);
    }

    /** The messages to render. */
    public List<Message> messages() {
        return messages;
    }

    /** Whether any message spells out a control token. */
    public boolean isNeeded() {
        return !masks.isEmpty();
    }

    /** A character that no message holds and no mask uses. */
    public char unused() {
        while (next <= LAST && original.indexOf(next) >= 0) {
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

    private String masked(String content, Tokenizer tokenizer) {
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
