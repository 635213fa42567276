package dev.inlay.model;

import static dev.inlay.InlayException.require;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a row reads, as far as it decides where gates are open: decided once for the row, however it is then cut into
 * passes and whatever is generated behind it.
 *
 * @param ids tokens from position 0 on
 * @param given how many of them were given: the prompt of a request, what precedes the response of a training row
 * @param stated where the row itself says that gates are open; null where their rules decide
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of an array, never compared
public record Reading(int[] ids, int given, @Nullable Segments stated) {
    public Reading {
        require(given >= 0 && given <= ids.length, "%d of %d tokens cannot be given", given, ids.length);
    }

    /** All of it is given. */
    public static Reading of(int[] ids) {
        return new Reading(ids, ids.length, null);
    }

    /** The tokens in which rules look for what opens them; a copy. */
    public int[] givenIds() {
        return Arrays.copyOf(ids, given);
    }

    public Optional<Segments> statedSegments() {
        return Optional.ofNullable(stated);
    }
}
