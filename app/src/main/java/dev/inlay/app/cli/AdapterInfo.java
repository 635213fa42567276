package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.AdapterSummary;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Probe;
import dev.inlay.adapter.peft.AdapterError;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.LoadedAdapter;
import dev.inlay.adapter.peft.LooseChanges;
import dev.inlay.adapter.peft.PeftConfig;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.analysis.AdapterChanges;
import dev.inlay.analysis.ModulePath;
import dev.inlay.engine.Device;
import dev.inlay.model.Decoder;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.files.StoredTensor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a user wants to know of an adapter directory.
 *
 * @param fields name and value, in the order of showing
 * @param factors by path, owned by the scope in which they were read; none where they could not be
 * @param changes what they change
 */
record AdapterInfo(Map<String, String> fields, Map<String, LowRank> factors, AdapterChanges changes) {
    /** @param base its model, to check it against; null to read the adapter's files alone */
    static AdapterInfo of(Path path, @Nullable Path base, Console console) {
        PeftConfig config = PeftDirectory.config(path, Set.of());
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("adapter", path.toString());
        fields.put("base", Objects.requireNonNullElse(config.base().name(), "not named"));
        fields.put("variant", config.variant());
        fields.put(
                "rank",
                String.format(
                        Locale.ROOT,
                        "%d, alpha %s%s",
                        config.ranks().rank(),
                        config.ranks().alpha(),
                        config.ranks().rankExceptions().isEmpty() ? "" : ", with exceptions"));
        if (config.beside().isGated()) {
            fields.put("gate", config.beside().gate().toString());
        }
        fields.put("dropout", String.valueOf(config.dropout()));
        fields.putAll(stored(path.resolve("adapter_model.safetensors")));
        return base == null ? alone(path, fields, console) : checked(path, base, fields, console);
    }

    private static AdapterInfo alone(Path path, Map<String, String> fields, Console console) {
        Map<String, LowRank> factors = Map.of();
        try {
            factors = LooseChanges.read(path, Set.of());
        } catch (InlayException e) {
            console.warn("its changes are not measured: " + e.getMessage());
        }
        return new AdapterInfo(fields, factors, AdapterChanges.of(factors, module -> OptionalDouble.empty()));
    }

    private static Map<String, String> stored(Path weights) {
        Map<String, String> fields = new LinkedHashMap<>();
        try (SafetensorsFile file = AdapterError.of(() -> SafetensorsFile.open(weights))) {
            long parameters = file.tensors().values().stream()
                    .mapToLong(StoredTensor::count)
                    .sum();
            fields.put("parameters", String.format(Locale.ROOT, "%,d", parameters));
            fields.put("tensors", String.valueOf(file.tensors().size()));
            file.metadata().forEach((key, value) -> {
                if (key.startsWith("inlay.")) {
                    fields.put(key, value);
                }
            });
        }
        return fields;
    }

    private static AdapterInfo checked(Path path, Path base, Map<String, String> fields, Console console) {
        ModelDirectory model = ModelDirectory.open(base);
        BaseModel kind = BaseModel.of(model);
        LoadedAdapter loaded = PeftDirectory.read(path, kind, Set.of());
        loaded.notes().forEach(console::warn);
        try (Decoder decoder = model.load(Device.CPU)) {
            Adapter changes = Adapter.of(loaded.parts().factors());
            AdapterSummary summary =
                    AdapterSummary.of(changes, site -> decoder.weight(site).norm());
            AdapterSummary.SiteChange largest = summary.largest();
            int modules = summary.sites().size();
            List<String> beside = loaded.parts().beside();
            if (!beside.isEmpty()) {
                fields.put("beside", String.join(", ", beside));
            }
            fields.put("fits", String.format(Locale.ROOT, "%s, all %d modules", base, modules));
            fields.put(
                    "changed",
                    String.format(
                            Locale.ROOT,
                            "%d/%d modules, max norm Delta W / W = %.3g at %s",
                            modules - summary.unchanged().size(),
                            modules,
                            largest.relative(),
                            largest.site()));
            fields.put("effect", Probe.of(model.config()).effect(decoder, loaded.parts()) + " in logits");
            Map<String, Double> weights = new HashMap<>();
            kind.sites()
                    .forEach(place -> weights.put(
                            place.path(), decoder.weight(place.site()).norm()));
            Map<String, LowRank> factors = ModulePath.changes(changes, kind.sites());
            return new AdapterInfo(
                    fields,
                    factors,
                    AdapterChanges.of(factors, module -> OptionalDouble.of(weights.getOrDefault(module, Double.NaN))));
        }
    }

    /** @param top how many singular values of each module are shown */
    void show(Console console, int top) {
        fields.forEach((name, value) -> console.result(String.format(Locale.ROOT, "%-12s %s", name, value)));
        new ChangesTable(changes, top).lines().forEach(console::result);
    }

    ObjectNode json(int top) {
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        fields.forEach(object::put);
        new ChangesTable(changes, top).addTo(object);
        return object;
    }
}
