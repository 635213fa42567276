package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.model.DecoderConfig;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.files.Weights;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a user wants to know of a model directory.
 *
 * @param fields name and value, in the order of showing
 * @param maps number of linear maps of each name and shape
 */
record ModelInfo(Map<String, String> fields, Map<String, Integer> maps) {
    static ModelInfo of(Path path, Console console) {
        ModelDirectory model = ModelDirectory.open(path);
        model.notes().forEach(console::warn);
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("model", path.toString());
        fields.put("family", model.config().family());
        fields.put("parameters", String.format(Locale.ROOT, "%,d", parameters(path)));
        fields.put("dtype", model.storedType().name().toLowerCase(Locale.ROOT));
        fields.put("size", Numbers.bytes(model.byteCount()));
        fields.put("shape", shape(model.config()));
        fields.put(
                "context",
                String.format(Locale.ROOT, "%,d tokens", model.config().contextLength()));
        fields.putAll(text(path, console));
        Map<String, Integer> maps = new LinkedHashMap<>();
        model.sites().forEach(site -> maps.merge(map(site), 1, Integer::sum));
        return new ModelInfo(fields, maps);
    }

    /** Number of all stored values. */
    static long parameters(Path path) {
        try (Weights weights = Weights.open(path)) {
            return weights.names().stream()
                    .mapToLong(name -> weights.tensor(name).count())
                    .sum();
        }
    }

    static String shape(DecoderConfig config) {
        return String.format(
                Locale.ROOT,
                "%d layers, width %d, %d query and %d key-value heads of %d, feed-forward %d, vocabulary %d%s",
                config.layers(),
                config.width(),
                config.attention().heads(),
                config.attention().keyValueHeads(),
                config.attention().headDim(),
                config.feedForward(),
                config.vocabulary(),
                config.tiedHead() ? ", tied head" : "");
    }

    private static Map<String, String> text(Path path, Console console) {
        Map<String, String> fields = new LinkedHashMap<>();
        if (!Files.exists(path.resolve("tokenizer.json"))) {
            fields.put("tokenizer", "none (tokenizer.json is missing)");
            return fields;
        }
        Optional<ChatTemplate> template = ChatTemplate.load(path);
        try (Tokenizer tokenizer = Tokenizer.load(path)) {
            fields.put("tokenizer", String.format(Locale.ROOT, "%,d tokens", tokenizer.vocabularySize()));
            fields.put("stop ids", StopIds.of(tokenizer, template, console).names(tokenizer));
        }
        fields.put("template", template.map(ChatTemplate::source).orElse("none"));
        return fields;
    }

    private static String map(LinearSite site) {
        String leaf = site.path().substring(site.path().lastIndexOf('.') + 1);
        return String.format(Locale.ROOT, "%-12s %6d -> %-6d", leaf, site.in(), site.out());
    }

    void show(Console console) {
        fields.forEach((name, value) -> console.result(String.format(Locale.ROOT, "%-12s %s", name, value)));
        console.result("linear maps");
        maps.forEach((map, count) -> console.result("  " + map + " x " + count));
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        fields.forEach((name, value) -> object.put(name.replace(' ', '_'), value));
        maps.forEach((map, count) ->
                object.withObject("/linear_maps").put(map.strip().replaceAll(" +", " "), count));
        console.result(object);
    }
}
