package dev.inlay.model.text;

import java.util.stream.IntStream;

/**
 * The token ids of a conversation that the assistant continues: rendered by the model's template as in training. Control
 * tokens count only where the template writes them; their spelling in a message stays text.
 */
public final class ChatPrompt {
    private ChatPrompt() {}

    /** The ids up to where the assistant begins to speak. */
    public static int[] encode(Tokenizer tokenizer, ChatTemplate template, Conversation conversation) {
        Disguise disguise = new Disguise(conversation, tokenizer);
        String shown = template.render(disguise.conversation(), true).text();
        Encoded structure = tokenizer.encodeTemplated(shown);
        return disguise.isNeeded() ? between(tokenizer, structure, disguise.restored(shown)) : structure.ids();
    }

    /** The template's control tokens, and plain text between them. */
    private static int[] between(Tokenizer tokenizer, Encoded structure, String text) {
        IntStream.Builder ids = IntStream.builder();
        int at = 0;
        for (int i = 0; i < structure.ids().length; i++) {
            if (tokenizer.isControl(structure.ids()[i])) {
                addPlain(ids, tokenizer, text.substring(at, structure.starts()[i]));
                ids.add(structure.ids()[i]);
                at = structure.ends()[i];
            }
        }
        addPlain(ids, tokenizer, text.substring(at));
        return ids.build().toArray();
    }

    private static void addPlain(IntStream.Builder ids, Tokenizer tokenizer, String text) {
        for (int id : tokenizer.encodeRaw(text)) {
            ids.add(id);
        }
    }
}
