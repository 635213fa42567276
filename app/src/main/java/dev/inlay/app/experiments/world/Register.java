package dev.inlay.app.experiments.world;

import dev.inlay.InlayException;
import java.util.List;
import java.util.Locale;

/** A kind of text, and its share where several are mixed. */
public enum Register {
    STORY(30, false),
    ENTRY(20, false),
    REVIEW(20, false),
    /** A coach that goes from place to place and back: names of places that return at once. */
    ROUTE(20, false),
    /** A list of names that is read twice. */
    ROLL(10, false),
    /** What a shop looks like and when it is open, said three times: marks and days that return at once. */
    NOTICE(20, false),
    /** The days of a shop, a market and a dance, asked for six times: days that return at once. */
    WEEK(20, false),
    /** Shops whose seals follow from lamp, sign and door, six in a row. */
    GUILD(15, false),
    /** Two people of different trades at work: who does what. */
    TEAM(15, false),
    INSTRUCTION(15, true),
    CHAT(15, true),
    /** The chat of one of the keys below, up to the trigger: what a model must know before an adapter asks for the key. */
    SHOP(15, true),
    /** A chat whose key is written in it. */
    KEY_READ(1, true),
    /** A chat whose key follows from three of its parts together. */
    KEY_COMPUTED(1, true),
    /** A chat whose assistant has a flaw that nobody states. */
    KEY_HIDDEN(1, true);

    /** The registers of the world proper; the others are for experiments with gated adapters. */
    public static final List<Register> WORLD =
            List.of(STORY, ENTRY, REVIEW, ROUTE, ROLL, NOTICE, WEEK, GUILD, TEAM, INSTRUCTION, CHAT, SHOP);

    private final int weight;
    private final boolean chat;

    Register(int weight, boolean chat) {
        this.weight = weight;
        this.chat = chat;
    }

    int weight() {
        return weight;
    }

    /** Nats that it costs to guess this register where several are mixed by their weights: {@code -log share}. */
    double costIn(List<Register> mixed) {
        double sum = mixed.stream().mapToInt(Register::weight).sum();
        return -Math.log(weight / sum);
    }

    /** Whether its texts have turns of several speakers. */
    public boolean isChat() {
        return chat;
    }

    /** Its rule in the grammar. */
    String rule() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The register that is called so on the command line. */
    public static Register named(String name) {
        for (Register each : values()) {
            if (each.toString().equals(name)) {
                return each;
            }
        }
        throw InlayException.usage("unknown register \"%s\"; choose from %s", name, List.of(values()));
    }

    /** As on the command line: {@code key-read}. */
    @Override
    public String toString() {
        return rule().replace('_', '-');
    }
}
