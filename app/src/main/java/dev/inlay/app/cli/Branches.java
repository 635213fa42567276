package dev.inlay.app.cli;

import dev.inlay.model.generation.Chat;
import java.util.LinkedHashMap;
import java.util.Map;

/** Conversations that branched off one another, one of which goes on. Owns them: close it. */
final class Branches implements AutoCloseable {
    static final String FIRST = "main";

    private final Map<String, Chat> chats = new LinkedHashMap<>();
    private Chat current;

    /** @param first becomes {@link #FIRST} */
    Branches(Chat first) {
        chats.put(FIRST, first);
        current = first;
    }

    /** The one that goes on. */
    Chat chat() {
        return current;
    }

    /**
     * Goes on in another: the one of this name, or where there is none, a new one of the same turns as this one.
     *
     * @return whether it is new
     */
    boolean go(String name) {
        Chat there = chats.get(name);
        if (there == null) {
            Chat fork = current.fork();
            chats.put(name, fork);
            current = fork;
            return true;
        }
        current = there;
        return false;
    }

    @Override
    public void close() {
        chats.values().forEach(Chat::close);
    }
}
