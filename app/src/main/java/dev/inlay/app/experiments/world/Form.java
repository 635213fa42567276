package dev.inlay.app.experiments.world;

import java.util.List;
import java.util.Locale;

/** The two forms of rows; a data file has rows of one form only, so each has a directory of its own. */
enum Form {
    /** {@code {"text": ...}}. */
    TEXT,
    /** {@code {"messages": [...]}}. */
    CHAT;

    /** Those of the registers that have this form. */
    List<Register> of(List<Register> registers) {
        return registers.stream()
                .filter(register -> register.isChat() == (this == CHAT))
                .toList();
    }

    /** As the directory is called. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
