package dev.inlay.adapter.peft;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.adapter.gate.GateText;
import dev.inlay.adapter.gate.Trigger;
import dev.inlay.adapter.gate.TriggerGate;
import dev.inlay.model.Gate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** Honours each key or refuses it. */
final class PeftConfigReader {
    private static final int DEFAULT_RANK = 8;
    private static final double DEFAULT_ALPHA = 8;

    private final ConfigFields fields;
    private final Set<Allowance> allowed;
    private final Consumer<String> notes;

    PeftConfigReader(ConfigFields fields, Set<Allowance> allowed, Consumer<String> notes) {
        this.fields = fields;
        this.allowed = Set.copyOf(allowed);
        this.notes = notes;
    }

    PeftConfig read() {
        peftType();
        UnsupportedKeys.refuseIn(fields);
        requireUnmapped();
        Start start = start();
        leaveAside();
        PeftConfig.Base base = base();
        Selection selection = selection();
        Ranks ranks = ranks();
        double dropout = fields.number("lora_dropout", 0);
        boolean fanInFanOut = fields.flag("fan_in_fan_out");
        Beside beside = beside(dropout, fanInFanOut, start);
        PeftConfig config = located(() -> new PeftConfig(base, selection, ranks, dropout, fanInFanOut, start, beside));
        requireNothingUnknown();
        return config;
    }

    private void peftType() {
        if (!fields.has("peft_type")) {
            throw InlayException.adapter(
                    "%s has no peft_type; expected \"LORA\"%s",
                    fields.source(),
                    fields.has("lora_parameters")
                            ? "; lora_parameters marks the layout of mlx-lm, which has to be converted first"
                            : "");
        }
        String type = fields.text("peft_type");
        if (!"LORA".equals(type) && !GateFile.TYPE.equals(type)) {
            throw InlayException.adapter(
                    "%s: peft_type is \"%s\", which is another method; only \"LORA\" is read", fields.source(), type);
        }
    }

    private Beside beside(double dropout, boolean fanInFanOut, Start start) {
        Beside beside = located(() -> new Beside(
                fields.flag("use_dora"),
                fields.flag("lora_bias"),
                bias(),
                names("modules_to_save"),
                tokens(),
                fields.flag("ensure_weight_tying"),
                names("target_parameters"),
                gate()));
        if (beside.upBias() && !start.literal()) {
            throw InlayException.adapter(
                    "%s is set with init_lora_weights \"%s\"; PEFT has it with true and false only",
                    fields.where("lora_bias"), start.written());
        }
        if (beside.dora() && start == Start.MICA) {
            throw InlayException.adapter(
                    "%s is set with init_lora_weights \"mica\"; PEFT has no such adapter", fields.where("use_dora"));
        }
        if (!beside.parameters().isEmpty() && (dropout > 0 || fanInFanOut)) {
            throw InlayException.adapter(
                    "%s is set together with %s; PEFT has no such adapter",
                    fields.where("target_parameters"), dropout > 0 ? "lora_dropout" : "fan_in_fan_out");
        }
        return beside;
    }

    /** A gate of PEFT's kind, or any under our own type of adapter. */
    private Gate gate() {
        JsonNode invocation = fields.value("alora_invocation_tokens");
        JsonNode own = fields.value(GateFile.KEY);
        if (GateFile.TYPE.equals(fields.text("peft_type"))) {
            if (own == null || invocation != null) {
                throw InlayException.adapter(
                        "%s is %s, whose gate stands in %s and nowhere else",
                        fields.where("peft_type"), GateFile.TYPE, GateFile.KEY);
            }
            return GateText.parse(own.toString(), fields.where(GateFile.KEY));
        }
        if (own != null) {
            throw InlayException.adapter(
                    "%s is set, which is for peft_type \"%s\"", fields.where(GateFile.KEY), GateFile.TYPE);
        }
        return invocation == null || ConfigFields.isNeutral(invocation)
                ? Gate.OPEN
                : TriggerGate.of(Trigger.of(ids("alora_invocation_tokens", invocation)));
    }

    private Beside.BaseBias bias() {
        JsonNode value = fields.value("bias");
        if (value == null) {
            return Beside.BaseBias.NONE;
        }
        for (Beside.BaseBias each : Beside.BaseBias.values()) {
            if (each.written().equals(value.asText())) {
                return each;
            }
        }
        throw fields.wrong("bias", "none, all or lora_only", value);
    }

    private List<String> names(String key) {
        JsonNode value = fields.value(key);
        if (value == null || ConfigFields.isNeutral(value)) {
            return List.of();
        }
        if (!value.isArray()) {
            throw fields.wrong(key, "a list of names or null", value);
        }
        return fields.texts(key, value);
    }

    private Tokens tokens() {
        String key = "trainable_token_indices";
        JsonNode value = fields.value(key);
        if (value == null || ConfigFields.isNeutral(value)) {
            return Tokens.NONE;
        }
        Map<String, List<Integer>> byModule = new LinkedHashMap<>();
        if (value.isArray()) {
            byModule.put(Tokens.EMBEDDING, ids(key, value));
        } else {
            fields.entries(key).forEach((module, list) -> byModule.put(module, ids(key, list)));
        }
        return new Tokens(byModule);
    }

    private List<Integer> ids(String key, JsonNode list) {
        if (!list.isArray()) {
            throw fields.wrong(key, "a list of token ids, or an object of such lists", list);
        }
        List<Integer> ids = new ArrayList<>();
        list.forEach(id -> ids.add(fields.asInteger(key, id)));
        return ids;
    }

    private void requireUnmapped() {
        if (fields.value("auto_mapping") != null && !allowed.contains(Allowance.AUTO_MAPPING)) {
            throw InlayException.adapter(
                    "%s is set: the base was loaded by a class of its own, %s; allow it if the base here is the same",
                    fields.where("auto_mapping"), fields.shown("auto_mapping"));
        }
    }

    private Start start() {
        JsonNode value = fields.value("init_lora_weights");
        dataDrivenStart();
        if (value == null) {
            return Start.DEFAULT;
        }
        if (value.isBoolean()) {
            return value.booleanValue() ? Start.DEFAULT : Start.RANDOM;
        }
        String name = value.asText().toLowerCase(Locale.ROOT);
        if (name.matches("(pissa|olora|corda|loftq|lora_ga).*")) {
            throw InlayException.adapter(
                    "%s is \"%s\", which changes the base weights: the factors alone are wrong on the original base; "
                            + "convert the adapter to plain LoRA when saving it (path_initial_model_for_weight_conversion)",
                    fields.where("init_lora_weights"), name);
        }
        return Start.ofName(name)
                .orElseThrow(() ->
                        fields.wrong("init_lora_weights", "true, false, gaussian, eva, orthogonal or mica", value));
    }

    private void dataDrivenStart() {
        JsonNode eva = fields.value("eva_config");
        if (eva != null && !ConfigFields.isNeutral(eva) && !allowed.contains(Allowance.DATA_DRIVEN_START)) {
            throw InlayException.adapter(
                    "%s is filled: the factors started from data; the base is unchanged, so allow it if that is meant",
                    fields.where("eva_config"));
        }
    }

    /** Keys without influence on the result. */
    private void leaveAside() {
        fields.text("peft_version");
        fields.flag("inference_mode");
        fields.integer("qalora_group_size", 0);
        fields.text("megatron_core");
        if (fields.value("runtime_config") != null) {
            notes.accept(fields.where("runtime_config") + " is left aside: it describes the writer's run");
        }
    }

    private PeftConfig.Base base() {
        String task = fields.text("task_type");
        if (task != null && !task.equals("CAUSAL_LM")) {
            throw InlayException.adapter(
                    "%s is \"%s\"; only CAUSAL_LM or null is read", fields.where("task_type"), task);
        }
        return new PeftConfig.Base(fields.text("base_model_name_or_path"), fields.text("revision"), task);
    }

    private Selection selection() {
        Selector targets = selector("target_modules", new Selector.FamilyDefault());
        Selector excluded = selector("exclude_modules", Selector.NOTHING);
        LayerFilter layers = layers();
        if (!layers.equals(LayerFilter.NONE) && !(targets instanceof Selector.Names)) {
            throw InlayException.adapter(
                    "%s needs a list in target_modules; write the layers into the regular expression",
                    fields.where("layers_to_transform"));
        }
        return new Selection(targets, excluded, layers);
    }

    private Selector selector(String key, Selector absent) {
        JsonNode value = fields.value(key);
        if (value == null) {
            return absent;
        }
        if (value.isArray()) {
            List<String> names = fields.texts(key, value);
            if (names.isEmpty()
                    && key.equals("target_modules")
                    && names("target_parameters").isEmpty()) {
                throw InlayException.adapter("%s is an empty list: nothing would be adapted", fields.where(key));
            }
            return new Selector.Names(names);
        }
        if (!value.isTextual()) {
            throw fields.wrong(key, "a list of names, a regular expression or null", value);
        }
        if (key.equals("target_modules") && value.textValue().equalsIgnoreCase("all-linear")) {
            return new Selector.AllLinear();
        }
        if (value.textValue().isEmpty()) {
            return absent;
        }
        return new Selector.Expression(NamePattern.whole(fields.where(key), value.textValue()));
    }

    private LayerFilter layers() {
        List<Integer> numbers = listOrOne("layers_to_transform", (key, node) -> {
            int layer = fields.asInteger(key, node);
            if (layer < 0) {
                throw fields.wrong(key, "numbers of layers from 0 on", node);
            }
            return layer;
        });
        List<NamePattern> lists = listOrOne("layers_pattern", (key, node) -> {
            if (!node.isTextual()) {
                throw fields.wrong(key, "a name or a list of names", node);
            }
            return NamePattern.layers(fields.where(key), node.textValue());
        });
        if (!lists.isEmpty() && numbers.isEmpty()) {
            throw InlayException.adapter(
                    "%s is set, and layers_to_transform is not: it says where the numbers of layers stand",
                    fields.where("layers_pattern"));
        }
        return new LayerFilter(numbers, lists);
    }

    private <V> List<V> listOrOne(String key, BiFunction<String, JsonNode, V> element) {
        JsonNode value = fields.value(key);
        List<V> elements = new ArrayList<>();
        if (value == null || (value.isTextual() && value.textValue().isEmpty())) {
            return elements;
        }
        if (!value.isArray()) {
            elements.add(element.apply(key, value));
        } else {
            value.forEach(node -> elements.add(element.apply(key, node)));
        }
        return elements;
    }

    private Ranks ranks() {
        int rank = fields.integer("r", DEFAULT_RANK);
        double alpha = fields.number("lora_alpha", DEFAULT_ALPHA);
        List<Ranks.Except<Integer>> rankExceptions =
                exceptions("rank_pattern", node -> fields.asInteger("rank_pattern", node));
        List<Ranks.Except<Double>> alphaExceptions =
                exceptions("alpha_pattern", node -> fields.asNumber("alpha_pattern", node));
        boolean stabilised = fields.flag("use_rslora");
        return located(() -> new Ranks(rank, alpha, stabilised, rankExceptions, alphaExceptions));
    }

    private <V> List<Ranks.Except<V>> exceptions(String key, Function<JsonNode, V> value) {
        List<Ranks.Except<V>> exceptions = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : fields.entries(key).entrySet()) {
            NamePattern pattern = NamePattern.ending(fields.where(key), entry.getKey());
            exceptions.add(new Ranks.Except<>(pattern, value.apply(entry.getValue())));
        }
        return exceptions;
    }

    private void requireNothingUnknown() {
        List<String> unknown = fields.leftOver();
        if (unknown.isEmpty()) {
            return;
        }
        String list = String.join(", ", unknown);
        if (!allowed.contains(Allowance.UNKNOWN_KEYS)) {
            throw InlayException.adapter(
                    "%s has the unknown key %s (%s): it may change what the factors mean; "
                            + "remove it or allow unknown keys",
                    fields.source(), list, fields.shown(unknown.get(0)));
        }
        notes.accept(fields.source() + ": unknown keys left aside: " + list);
    }

    /** Puts the file's name before an error about a value. */
    private <V> V located(Supplier<V> value) {
        try {
            return value.get();
        } catch (InlayException e) {
            throw InlayException.adapter("%s: %s", fields.source(), e.getMessage())
                    .causedBy(e);
        }
    }
}
