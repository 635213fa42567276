package dev.inlay.adapter.peft;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.inlay.adapter.gate.GateText;
import dev.inlay.model.Gate;
import dev.inlay.model.files.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes the keys in alphabetic order; the order inside the patterns counts and is kept. */
final class PeftConfigWriter {
    private static final JsonMapper JSON = new JsonMapper();

    String write(PeftConfig config) {
        Map<String, @Nullable Object> keys = new TreeMap<>();
        keys.put("peft_type", "LORA");
        put(keys, config.beside().gate(), config.beside().invocation());
        keys.put("inference_mode", true);
        put(keys, config.beside());
        keys.put("task_type", config.base().task());
        keys.put("base_model_name_or_path", config.base().name());
        keys.put("revision", config.base().revision());
        keys.put("fan_in_fan_out", config.fanInFanOut());
        keys.put("lora_dropout", config.dropout());
        keys.put("init_lora_weights", start(config.start()));
        put(keys, config.ranks());
        put(keys, config.selection());
        try {
            return JSON.writer(indented()).writeValueAsString(keys) + "\n";
        } catch (JsonProcessingException e) {
            throw new AssertionError("strings and numbers can always be written", e);
        }
    }

    private static void put(Map<String, @Nullable Object> keys, Beside beside) {
        keys.put("bias", beside.bias().written());
        keys.put("modules_to_save", beside.saved().isEmpty() ? null : beside.saved());
        putIf(beside.dora(), keys, "use_dora", true);
        putIf(beside.upBias(), keys, "lora_bias", true);
        putIf(beside.tied(), keys, "ensure_weight_tying", true);
        putIf(!beside.parameters().isEmpty(), keys, "target_parameters", beside.parameters());
        Map<String, List<Integer>> tokens = beside.tokens().byModule();
        Object listed = tokens.getOrDefault(Tokens.EMBEDDING, List.of());
        putIf(
                !tokens.isEmpty(),
                keys,
                "trainable_token_indices",
                tokens.containsKey(Tokens.EMBEDDING) ? listed : tokens);
    }

    private static void put(Map<String, @Nullable Object> keys, Gate gate, List<Integer> invocation) {
        if (!invocation.isEmpty()) {
            keys.put("alora_invocation_tokens", invocation);
        } else if (!gate.equals(Gate.OPEN)) {
            keys.put("peft_type", GateFile.TYPE);
            keys.put(GateFile.KEY, Json.parse(GateText.of(gate), GateFile.KEY));
        }
    }

    private static void putIf(boolean there, Map<String, @Nullable Object> keys, String key, Object value) {
        if (there) {
            keys.put(key, value);
        }
    }

    private static void put(Map<String, @Nullable Object> keys, Ranks ranks) {
        keys.put("r", ranks.rank());
        keys.put("lora_alpha", number(ranks.alpha()));
        keys.put("use_rslora", ranks.stabilised());
        Map<String, Object> rankPattern = new LinkedHashMap<>();
        ranks.rankExceptions().forEach(e -> rankPattern.put(e.pattern().text(), e.value()));
        keys.put("rank_pattern", rankPattern);
        Map<String, Object> alphaPattern = new LinkedHashMap<>();
        ranks.alphaExceptions().forEach(e -> alphaPattern.put(e.pattern().text(), number(e.value())));
        keys.put("alpha_pattern", alphaPattern);
    }

    private static void put(Map<String, @Nullable Object> keys, Selection selection) {
        keys.put("target_modules", selector(selection.targets()));
        if (!selection.excluded().equals(Selector.NOTHING)) {
            keys.put("exclude_modules", selector(selection.excluded()));
        }
        List<Integer> layers = selection.layers().layers();
        keys.put("layers_to_transform", layers.isEmpty() ? null : layers);
        List<String> lists =
                selection.layers().lists().stream().map(NamePattern::text).toList();
        keys.put("layers_pattern", lists.isEmpty() ? null : lists);
    }

    private static @Nullable Object selector(Selector selector) {
        if (selector instanceof Selector.Names names) {
            return names.names();
        }
        if (selector instanceof Selector.Expression expression) {
            return expression.pattern().text();
        }
        return selector instanceof Selector.AllLinear ? "all-linear" : null;
    }

    private static Object start(Start start) {
        return start.literal() ? (Object) (start == Start.DEFAULT) : start.written();
    }

    /** Whole numbers without a fraction, as PEFT's own files have them. */
    private static Object number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15 ? (Object) (long) value : (Object) value;
    }

    private static DefaultPrettyPrinter indented() {
        Separators separators = Separators.createDefaultInstance()
                .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                .withObjectEmptySeparator("")
                .withArrayEmptySeparator("");
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter(separators);
        DefaultIndenter lines = new DefaultIndenter("  ", "\n");
        printer.indentObjectsWith(lines);
        printer.indentArraysWith(lines);
        return printer;
    }
}
