package dev.inlay.app.experiments.personality;

import dev.inlay.InlayException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Where the adapter acts on a sample. */
public enum Opening {
    /** On the whole part of the second personality, as the published evaluation has it. */
    PART {
        @Override
        List<Integer> of(PersonalityRow row) {
            return List.of(row.boundary(), row.ids().length);
        }
    },
    /** Where a target is predicted, as the published training has it; see {@link PersonalityRow#publishedTrainingGate}. */
    TARGETS {
        @Override
        List<Integer> of(PersonalityRow row) {
            return List.of(row.review() - 1, row.end());
        }
    };

    /** The first open token, and the first that no longer is. */
    abstract List<Integer> of(PersonalityRow row);

    /** The opening of this name, as on the command line. */
    public static Opening named(String name) {
        return Arrays.stream(values())
                .filter(opening -> opening.toString().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        InlayException.usage("--open is \"%s\"; choose from %s", name, Arrays.toString(values())));
    }

    /** As on the command line: {@code part}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
