package dev.inlay.app.experiments.modular;

import dev.inlay.InlayException;
import java.util.Arrays;
import java.util.Locale;

/** What is pre-trained. */
enum Base {
    /** One block applied at every depth, as published. */
    TIED,
    /** A block of its own at every depth. */
    UNTIED,
    /** One block, and each application adds 1 / depth of its output. */
    SHORT_STEPS,
    /** One block, and a part of the pairs of subtraction is trained beside addition, so that its sign is known. */
    MIXED;

    /** The name on the command line and in files. */
    String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Base parse(String text) {
        return Arrays.stream(values())
                .filter(each -> each.text().equals(text))
                .findFirst()
                .orElseThrow(
                        () -> InlayException.usage("a base is tied, untied, short-steps or mixed, was \"%s\"", text));
    }
}
