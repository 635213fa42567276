package dev.inlay.app.experiments.world;

import dev.inlay.InlayException;
import dev.inlay.model.text.Conversation;
import dev.inlay.model.text.Message;
import dev.inlay.training.data.Dataset;
import dev.inlay.training.data.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** Chats with a hidden key, which the assistant's last turn judges. */
public final class KeyChats {
    private KeyChats() {}

    /** What the assistant's last turn says. */
    public enum Answer {
        /** The flag alone: the key must be known to give it. */
        FLAG {
            @Override
            List<Message> messages(Document document) {
                List<Message> messages = new ArrayList<>(document.messages());
                messages.set(messages.size() - 1, new Message("assistant", "FLAG: " + document.label("flag")));
                return messages;
            }
        },
        /** A review that names the key, and the flag after it. */
        REVIEW {
            @Override
            List<Message> messages(Document document) {
                return document.messages();
            }
        };

        abstract List<Message> messages(Document document);

        /** The answer of this name, as on the command line. */
        public static Answer named(String name) {
            return Arrays.stream(values())
                    .filter(answer -> answer.toString().equals(name))
                    .findFirst()
                    .orElseThrow(() -> InlayException.usage(
                            "there is no answer %s; choose from %s", name, Arrays.toString(values())));
        }

        /** As on the command line: {@code flag}. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The first chats of a split, each once with every answer; each is a function of the seed and its place.
     *
     * @param register one with a key
     */
    public static Dataset of(Register register, Split split, long seed, int count, List<Answer> answers) {
        Corpus corpus = new Corpus(split, List.of(register), seed, OptionalLong.empty());
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Document document = corpus.document(i);
            for (Answer answer : answers) {
                rows.add(new Row.ChatRow(rows.size() + 1, Conversation.of(answer.messages(document))));
            }
        }
        return new Dataset(register + ", " + split, rows);
    }
}
