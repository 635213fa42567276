package dev.inlay.app.experiments.world;

import java.util.List;
import java.util.Locale;

/** Texts for people to read. */
public final class Samples {
    private Samples() {}

    /** The first texts of each register, with the truth about each. */
    static String markdown(WorldOptions options, int each) {
        StringBuilder page = new StringBuilder("# Samples\n");
        for (Register register : options.registers()) {
            page.append("\n## ").append(register).append("\n");
            Corpus corpus = new Corpus(Split.TRAIN, List.of(register), options.seed(), options.world());
            for (int row = 0; row < each; row++) {
                Document document = corpus.document(row);
                page.append("\n```\n").append(document.text().strip()).append("\n```\n");
                page.append(String.format(
                        Locale.ROOT,
                        "\n%d words, %.2f nats (%.2f knowing the world); %s%n",
                        document.words(),
                        document.floor(),
                        document.floorKnowingTheWorld(),
                        document.labels()));
            }
        }
        return page.toString().replace(System.lineSeparator(), "\n");
    }

    /** One text of a register. */
    public static String text(WorldOptions options, Register register) {
        return new Corpus(Split.TRAIN, List.of(register), options.seed(), options.world())
                .document(0)
                .text()
                .strip();
    }
}
