package dev.inlay.adapter.gate;

import dev.inlay.InlayException;
import dev.inlay.model.Gate;
import dev.inlay.model.Segments;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A gate as JSON, as it lies in {@code inlay_gate.json} beside {@code adapter_config.json} and, the same text, in the
 * metadata of the weights.
 *
 * <table>
 * <caption>Keys</caption>
 * <tr><td>{@code rule}</td><td>"trigger", "response", "stated", "fixed", "scaled", "opposite" or "random"</td></tr>
 * <tr><td>{@code ids}, {@code text}</td><td>of a trigger: its tokens, and the text that they are; "" if unknown</td></tr>
 * <tr><td>{@code boundary}, {@code occurrence}, {@code onMissing}</td><td>names as in {@link Boundary}, {@link Occurrence},
 *     {@link OnMissing}</td></tr>
 * <tr><td>{@code closeAfter}, {@code closeBefore}</td><td>tokens, or the ids of a marker; neither where nothing closes</td></tr>
 * <tr><td>{@code edge}</td><td>of "response": as in {@link ResponseGate.Edge}</td></tr>
 * <tr><td>{@code starts}, {@code strengths}</td><td>of "fixed": two lists of equal length</td></tr>
 * <tr><td>{@code factor}, {@code of}</td><td>of "scaled" and "opposite": a number, and the gate inside</td></tr>
 * <tr><td>{@code open}, {@code seed}, {@code of}</td><td>of "random": a share, a whole number, and the gate inside</td></tr>
 * </table>
 */
public final class GateText {
    /** The sidecar's name. */
    public static final String FILE = "inlay_gate.json";

    private static final int LARGEST_ID = 1 << 30;

    private GateText() {}

    /** One line. */
    public static String of(Gate gate) {
        return Json.line(map(gate));
    }

    private static Map<String, Object> map(Gate gate) {
        Map<String, Object> keys = new LinkedHashMap<>();
        if (gate instanceof TriggerGate trigger) {
            keys.put("rule", "trigger");
            keys.put("ids", trigger.trigger().ids());
            keys.put("text", trigger.trigger().text());
            keys.put("boundary", trigger.boundary().name());
            keys.put("occurrence", trigger.occurrence().name());
            keys.put("onMissing", trigger.onMissing().name());
            if (trigger.closing() instanceof Closing.After after) {
                keys.put("closeAfter", after.tokens());
            } else if (trigger.closing() instanceof Closing.Before before) {
                keys.put("closeBefore", before.marker().ids());
            }
        } else if (gate instanceof ResponseGate response) {
            keys.put("rule", "response");
            keys.put("edge", response.edge().name());
        } else if (gate instanceof StatedGate) {
            keys.put("rule", "stated");
        } else if (gate instanceof FixedGate fixed) {
            List<Segments.Run> runs = fixed.segments().runs();
            keys.put("rule", "fixed");
            keys.put("starts", runs.stream().map(Segments.Run::start).toList());
            keys.put("strengths", runs.stream().map(Segments.Run::strength).toList());
        } else if (gate instanceof ScaledGate scaled) {
            keys.put("rule", "scaled");
            keys.put("factor", scaled.factor());
            keys.put("of", map(scaled.inner()));
        } else if (gate instanceof OppositeGate opposite) {
            keys.put("rule", "opposite");
            keys.put("of", map(opposite.inner()));
        } else if (gate instanceof RandomGate random) {
            keys.put("rule", "random");
            keys.put("open", random.open());
            keys.put("seed", random.seed());
            keys.put("of", map(random.inner()));
        } else if (gate.equals(Gate.OPEN)) {
            keys.put("rule", "fixed");
            keys.put("starts", List.of(0));
            keys.put("strengths", List.of(1.0));
        } else {
            throw InlayException.adapter("the gate (%s) has no form that a file can hold", gate);
        }
        return keys;
    }

    /**
     * @param where names the text in errors
     * @throws InlayException if a key is missing, of another kind, or not known
     */
    public static Gate parse(String text, String where) {
        try {
            return gate(Json.parseObject(text, where));
        } catch (InlayException e) {
            throw e.as(InlayException.Kind.ADAPTER);
        }
    }

    private static Gate gate(JsonObject keys) {
        return switch (keys.text("rule")) {
            case "trigger" -> {
                requireOnly(keys, "ids", "text", "boundary", "occurrence", "onMissing", "closeAfter", "closeBefore");
                yield new TriggerGate(
                        new Trigger(ids(keys, "ids"), keys.text("text", "")),
                        named(Boundary.class, keys, "boundary"),
                        named(Occurrence.class, keys, "occurrence"),
                        named(OnMissing.class, keys, "onMissing"),
                        closing(keys));
            }
            case "response" -> {
                requireOnly(keys, "edge");
                yield new ResponseGate(named(ResponseGate.Edge.class, keys, "edge"));
            }
            case "stated" -> {
                requireOnly(keys);
                yield new StatedGate();
            }
            case "fixed" -> {
                requireOnly(keys, "starts", "strengths");
                yield fixed(keys);
            }
            case "scaled" -> {
                requireOnly(keys, "factor", "of");
                yield new ScaledGate(gate(keys.object("of")), keys.number("factor"));
            }
            case "opposite" -> {
                requireOnly(keys, "of");
                yield new OppositeGate(gate(keys.object("of")));
            }
            case "random" -> {
                requireOnly(keys, "open", "seed", "of");
                yield new RandomGate(
                        gate(keys.object("of")),
                        keys.number("open"),
                        keys.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE));
            }
            default -> throw keys.wrong("rule", "one of trigger, response, stated, fixed, scaled, opposite, random");
        };
    }

    private static Closing closing(JsonObject keys) {
        if (keys.has("closeAfter")) {
            return new Closing.After((int) keys.integer("closeAfter", 1, LARGEST_ID));
        }
        return keys.has("closeBefore") ? new Closing.Before(Trigger.of(ids(keys, "closeBefore"))) : Closing.NEVER;
    }

    private static Gate fixed(JsonObject keys) {
        List<Integer> starts = ids(keys, "starts");
        List<Double> strengths = keys.numbers("strengths");
        if (starts.size() != strengths.size()) {
            throw keys.wrong("strengths", "one number for each of " + starts.size() + " starts");
        }
        List<Segments.Run> runs = new ArrayList<>();
        for (int i = 0; i < starts.size(); i++) {
            runs.add(new Segments.Run(starts.get(i), strengths.get(i)));
        }
        Segments segments = new Segments(runs);
        return segments.equals(Segments.OPEN) ? Gate.OPEN : new FixedGate(segments);
    }

    private static List<Integer> ids(JsonObject keys, String key) {
        return keys.integers(key, 0, LARGEST_ID).stream().map(Long::intValue).toList();
    }

    private static <E extends Enum<E>> E named(Class<E> type, JsonObject keys, String key) {
        String name = keys.text(key);
        return Arrays.stream(type.getEnumConstants())
                .filter(each -> each.name().equals(name.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> keys.wrong(key, "one of " + Arrays.toString(type.getEnumConstants())));
    }

    private static void requireOnly(JsonObject keys, String... known) {
        List<String> expected = new ArrayList<>(List.of(known));
        expected.add("rule");
        keys.keys().stream().filter(key -> !expected.contains(key)).findFirst().ifPresent(key -> {
            throw keys.wrong(key, "no such key; known are " + expected);
        });
    }
}
