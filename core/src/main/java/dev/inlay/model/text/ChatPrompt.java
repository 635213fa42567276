package dev.inlay.model.text;

import dev.inlay.InlayException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The token ids of a conversation that the assistant continues: rendered by the model's template as in training. Control
 * tokens count only where the template writes them; their spelling in a message stays text.
 */
public final class ChatPrompt {
    /** A private-use character, which no template writes by itself. */
    private static final String ANSWER = "\uE000";

    private ChatPrompt() {}

    /** The ids up to where the assistant begins to speak. */
    public static int[] encode(Tokenizer tokenizer, ChatTemplate template, Conversation conversation) {
        Disguise disguise = new Disguise(conversation, tokenizer);
        return encode(
                tokenizer,
                disguise,
                template.render(disguise.conversation(), true).text());
    }

    /**
     * The same with tokens behind what messages say: as such, where their text would stay text.
     *
     * @param endings one for each message, most of them empty
     */
    public static int[] encode(
            Tokenizer tokenizer, ChatTemplate template, Conversation conversation, List<int[]> endings) {
        List<int[]> some = endings.stream().filter(ids -> ids.length > 0).toList();
        if (some.isEmpty()) {
            return encode(tokenizer, template, conversation);
        }
        Disguise disguise = new Disguise(conversation, tokenizer);
        String mark = String.valueOf(disguise.unused());
        List<Message> marked = new ArrayList<>(disguise.conversation().messages());
        for (int i = 0; i < marked.size(); i++) {
            if (endings.get(i).length > 0) {
                marked.set(i, marked.get(i).followedBy(mark));
            }
        }
        String[] parts = template.render(disguise.conversation().withMessages(marked), true)
                .text()
                .split(mark, -1);
        if (parts.length != some.size() + 1) {
            throw InlayException.data(
                    "%s: the chat template shows %d of %d turns that end with a trigger, and each must stand once; give the"
                            + " tokens themselves (rows of ids)",
                    template.source(), parts.length - 1, some.size());
        }
        IntStream.Builder ids = IntStream.builder();
        for (int i = 0; i < parts.length; i++) {
            add(ids, encode(tokenizer, disguise, parts[i]));
            add(ids, i < some.size() ? some.get(i) : new int[0]);
        }
        return ids.build().toArray();
    }

    /**
     * The ids of what a template rendered of a disguised conversation, or of a part of it.
     *
     * @param shown the render, or a part that cuts no spelled-out control token
     */
    public static int[] encode(Tokenizer tokenizer, Disguise disguise, String shown) {
        Encoded structure = tokenizer.encodeTemplated(shown);
        return disguise.isNeeded() ? between(tokenizer, structure, disguise.restored(shown)) : structure.ids();
    }

    /**
     * The control token by which the template ends a turn of the assistant; empty if it ends turns otherwise, or refuses a
     * conversation of a question and an answer.
     */
    public static OptionalInt endOfTurn(Tokenizer tokenizer, ChatTemplate template) {
        Conversation answered = Conversation.of(new Message("user", "a"), new Message("assistant", ANSWER));
        String text;
        try {
            text = template.render(answered, false).text();
        } catch (InlayException e) {
            return OptionalInt.empty();
        }
        int end = text.indexOf(ANSWER) + ANSWER.length();
        Encoded structure = tokenizer.encodeTemplated(text);
        for (int i = 0; end >= ANSWER.length() && i < structure.ids().length; i++) {
            if (structure.starts()[i] >= end && tokenizer.isControl(structure.ids()[i])) {
                boolean adjacent = text.substring(end, structure.starts()[i]).isBlank();
                return adjacent ? OptionalInt.of(structure.ids()[i]) : OptionalInt.empty();
            }
        }
        return OptionalInt.empty();
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

    private static void add(IntStream.Builder ids, int[] more) {
        for (int id : more) {
            ids.add(id);
        }
    }

    private static void addPlain(IntStream.Builder ids, Tokenizer tokenizer, String text) {
        add(ids, tokenizer.encodeRaw(text));
    }
}
