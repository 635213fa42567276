package dev.inlay.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.model.Reading;
import dev.inlay.training.data.Row.TokenRow;
import dev.inlay.training.data.Row.TokenRow.Run;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads rows of tokens: {@code ids}, a list of token ids; optionally {@code learned}, runs {@code [start, end]} of places among
 * them, and {@code open}, runs {@code [start, end]} or {@code [start, end, strength]}. Runs hold start and not end, follow each
 * other and do not touch the same token.
 */
public final class TokenParser {
    private static final String RUN = "a list of [start, end]";

    private final Place place;

    TokenParser(Place place) {
        this.place = place;
    }

    /**
     * The tokens of a row of its own, and where it says that gates are open.
     *
     * @param name of the file, for errors
     * @param line in it
     */
    public static Reading reading(JsonNode row, String name, int line) {
        TokenRow read = new TokenParser(new Place(name, line)).row(row);
        return new Reading(read.ids(), read.ids().length, read.segments());
    }

    TokenRow row(JsonNode row) {
        int[] ids = ids(row.path("ids"));
        List<Run> learned = row.has("learned") ? runs("learned", row.path("learned"), ids.length, false) : List.of();
        if (!learned.isEmpty() && learned.get(0).start() == 0) {
            throw place.error("'learned' starts at token 0, and nothing precedes it; start at 1");
        }
        return new TokenRow(
                place.line(), ids, learned, row.has("open") ? runs("open", row.path("open"), ids.length, true) : null);
    }

    private int[] ids(JsonNode list) {
        if (!list.isArray()) {
            throw place.error("'ids' must be a list of token ids, found %s", Place.kind(list));
        }
        int[] ids = new int[list.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = whole("ids[" + i + "]", list.get(i), Integer.MAX_VALUE);
        }
        return ids;
    }

    private List<Run> runs(String field, JsonNode list, int tokens, boolean isStrong) {
        String expected = isStrong ? RUN + " or [start, end, strength]" : RUN;
        if (!list.isArray()) {
            throw place.error("'%s' must be %s, found %s", field, expected, Place.kind(list));
        }
        List<Run> runs = new ArrayList<>();
        int before = 0;
        for (JsonNode item : list) {
            String at = field + "[" + runs.size() + "]";
            if (!item.isArray() || item.size() < 2 || item.size() > (isStrong ? 3 : 2)) {
                throw place.error("'%s' must be %s, found %s at %d", field, expected, item, runs.size());
            }
            int start = whole(at + ".start", item.get(0), tokens);
            int end = whole(at + ".end", item.get(1), tokens);
            if (start < before || end <= start) {
                throw place.error(
                        "%s is [%d, %d]; a run has at least one token, lies behind the one before and within the %d tokens",
                        at, start, end, tokens);
            }
            runs.add(new Run(start, end, item.size() == 3 ? strength(at, item.get(2)) : 1));
            before = end;
        }
        return runs;
    }

    private int whole(String at, JsonNode value, int most) {
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0 || value.intValue() > most) {
            throw place.error("'%s' must be a whole number from 0 to %d, found %s", at, most, value);
        }
        return value.intValue();
    }

    private double strength(String at, JsonNode value) {
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw place.error("'%s.strength' must be a finite number, found %s", at, value);
        }
        return value.doubleValue();
    }
}
