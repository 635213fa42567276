package dev.inlay.app.experiments.world;

import dev.inlay.model.text.Conversation;
import dev.inlay.model.text.Message;
import dev.inlay.training.data.Dataset;
import dev.inlay.training.data.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Chats with a hidden key of which the assistant's last turn is the flag alone: the key must be known to give it. */
public final class KeyChats {
    private KeyChats() {}

    /**
     * The first rows of a split; each is a function of the seed and its place.
     *
     * @param register one with a key
     */
    public static Dataset flags(Register register, Split split, long seed, int count) {
        Corpus corpus = new Corpus(split, List.of(register), seed, OptionalLong.empty());
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Document document = corpus.document(i);
            List<Message> messages = new ArrayList<>(document.messages());
            messages.set(messages.size() - 1, new Message("assistant", "FLAG: " + document.label("flag")));
            rows.add(new Row.ChatRow(i + 1, Conversation.of(messages)));
        }
        return new Dataset(register + ", " + split, rows);
    }
}
