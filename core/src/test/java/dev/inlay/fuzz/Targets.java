package dev.inlay.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.InlayException.Kind;
import dev.inlay.adapter.peft.Allowance;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.PeftConfig;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.fuzz.Target.Reading;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.files.StoredTensor;
import dev.inlay.model.files.Weights;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Conversation;
import dev.inlay.model.text.Message;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.testing.Golden;
import dev.inlay.testing.SharedData;
import dev.inlay.training.data.DataSource;
import dev.inlay.training.data.RowReader;
import dev.inlay.training.run.ResumedRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Every reader of the library, with the project's own recordings as seeds, and real files where they are beside it. */
final class Targets {
    private static final List<Message> TALK = List.of(
            new Message("system", "Be brief."),
            new Message("user", "Hi <|im_end|>"),
            new Message("assistant", "Ho\n"),
            new Message("user", "\u00e9?"));

    private final boolean real;

    private Targets(boolean real) {
        this.real = real;
    }

    /**
     * Makers of the targets by their names.
     *
     * @param real whether files beside the repository are seeds too
     */
    static Map<String, Supplier<Target>> all(boolean real) {
        Targets targets = new Targets(real);
        Map<String, Supplier<Target>> all = new TreeMap<>();
        all.put("safetensors", targets::safetensors);
        all.put("index", targets::index);
        all.put("config", targets::config);
        all.put("settings", targets::settings);
        all.put("template", targets::template);
        all.put("tokenizer", targets::tokenizer);
        all.put("adapter-config", targets::adapterConfig);
        all.put("adapter", targets::adapter);
        all.put("rows", targets::rows);
        all.put("run", targets::run);
        return all;
    }

    /** One of them, with its seeds read. */
    static Target named(String name, boolean real) {
        Supplier<Target> target = all(real).get(name);
        if (target == null) {
            throw new IllegalArgumentException(
                    "no reader " + name + "; there are " + all(real).keySet());
        }
        return target.get();
    }

    private Target safetensors() {
        List<Seed> seeds = new ArrayList<>();
        for (String name : List.of("llama-gqa-untied/adapters/qv/adapter_model", "gpt2-tied/training/gradients")) {
            seeds.add(Seed.file(Golden.path(name + ".safetensors"), "model.safetensors"));
        }
        addReal(seeds, "gpt-nano-sort/hf/model.safetensors", "model.safetensors");
        return data("safetensors", seeds, directory -> {
            try (Scope scope = Scope.open();
                    SafetensorsFile file = SafetensorsFile.open(directory.resolve("model.safetensors"))) {
                for (StoredTensor tensor : file.tensors().values()) {
                    file.load(tensor);
                }
            }
        });
    }

    private Target index() {
        Seed seed = Seed.directory(model("llama-gqa-untied-sharded"), ".index.json", ".index.json", "2.safetensors");
        return data("index", List.of(seed), directory -> {
            try (Scope scope = Scope.open();
                    Weights weights = Weights.open(directory)) {
                weights.names().forEach(weights::load);
            }
        });
    }

    private Target config() {
        List<Seed> seeds = new ArrayList<>();
        for (String name :
                List.of("llama-tied-llama3-rope", "llama-linear-rope", "gpt2-untied", "gpt2-tied-original")) {
            seeds.add(Seed.directory(model(name), "config.json"));
        }
        return data(
                "config",
                seeds,
                directory -> ModelDirectory.open(directory).load(Device.CPU).close());
    }

    private Target settings() {
        Map<String, byte[]> files =
                new TreeMap<>(Seed.directory(Golden.path("tokenizer"), "").files());
        files.remove("tokenizer.json");
        files.remove("cases.json");
        files.putAll(Seed.directory(model("gpt2-tied"), "").files());
        files.remove("model.safetensors");
        return data("settings", List.of(new Seed("settings", files, List.copyOf(files.keySet()))), Targets::render);
    }

    private Target template() {
        JsonNode renders = Json.read(Golden.path("chat/renders.json"));
        List<Seed> seeds = new ArrayList<>();
        renders.path("templates").forEach(template -> seeds.add(template(template.asText(), renders)));
        StringBuilder expressions = new StringBuilder();
        for (JsonNode each : Json.read(Golden.path("chat/expressions.json"))) {
            expressions.append(each.path("source").asText()).append("\n");
            if (expressions.length() > 500) {
                seeds.add(template(expressions.toString(), renders));
                expressions.setLength(0);
            }
        }
        return data("template", seeds, Targets::render);
    }

    private static Seed template(String source, JsonNode renders) {
        Map<String, byte[]> files = Map.of(
                "chat_template.jinja",
                source.getBytes(StandardCharsets.UTF_8),
                "special_tokens_map.json",
                Json.bytes(renders.path("tokens")));
        return new Seed("template", files, List.of("chat_template.jinja"));
    }

    private static void render(Path directory) {
        ChatTemplate.load(directory).ifPresent(template -> {
            template.render(Conversation.of(TALK.subList(1, TALK.size())), true);
            try {
                template.render(Conversation.of(TALK), false);
            } catch (InlayException e) {
                // Good templates, too, may refuse a system message.
            }
        });
    }

    private Target tokenizer() {
        List<Seed> seeds = new ArrayList<>();
        seeds.add(Seed.directory(Golden.path("tokenizer"), "tokenizer.json"));
        addReal(seeds, "stories260K/hf/tokenizer.json", "tokenizer.json");
        addReal(seeds, "hf-tokenizers/added-tokens/tokenizer.json", "tokenizer.json");
        return data("tokenizer", seeds, directory -> {
            try (Tokenizer tokenizer = Tokenizer.load(directory)) {
                for (String text :
                        List.of("", "the mill <s>\u00a0\u00e9\uD83D\uDE00\0", "a".repeat(300), " ".repeat(300))) {
                    int[] ids = tokenizer.encode(text);
                    tokenizer.decodeWithSpecials(ids);
                    tokenizer.decode(tokenizer.encodeTemplated(text).ids());
                }
            }
        });
    }

    private Target adapterConfig() {
        List<Seed> seeds = new ArrayList<>();
        for (String model : List.of("llama-gqa-untied", "gpt2-untied")) {
            for (String name : List.of("lora", "qv", "rslora-patterns")) {
                seeds.add(Seed.file(
                        Golden.path(model + "/adapters/" + name + "/adapter_config.json"), "adapter_config.json"));
            }
        }
        seeds.add(Seed.of("adapter_config.json", """
                {"alpha_pattern": {"layers\\\\.1\\\\.q_proj": 3, "^model.*(k|v)_proj": 2.5}, "auto_mapping": null,
                 "bias": "none", "exclude_modules": ".*mlp.*", "fan_in_fan_out": true, "init_lora_weights": "gaussian",
                 "layers_pattern": ["layers"], "layers_to_transform": [0, 1], "lora_alpha": 16, "lora_dropout": 0.05,
                 "modules_to_save": null, "peft_type": "LORA", "r": 8, "rank_pattern": {"q_proj": 2, "[kv]_proj{1,2}": 4},
                 "target_modules": ["q_proj", "model.layers.1.self_attn.k_proj"], "task_type": "CAUSAL_LM",
                 "use_dora": false, "use_rslora": true, "loftq_config": {}, "inference_mode": true}
                """));
        if (real) {
            SharedData.find("peft-configs").map(Seed::regularFiles).orElse(List.of()).stream()
                    .filter(file -> file.toString().endsWith(".json"))
                    .forEach(file -> seeds.add(Seed.file(file, "adapter_config.json")));
        }
        Set<Allowance> all = EnumSet.allOf(Allowance.class);
        return new Target("adapter-config", Set.of(Kind.ADAPTER), seeds, directory -> {
            PeftConfig config = PeftDirectory.config(directory, all);
            PeftConfig again = PeftConfig.parse(config.toJson(), "written", Set.of(), note -> {});
            if (!again.equals(config)) {
                throw new AssertionError("written and read again, " + config + " becomes " + again);
            }
        });
    }

    private Target adapter() {
        List<Seed> seeds = new ArrayList<>();
        for (String name : List.of("lora", "qv", "rslora-patterns")) {
            seeds.add(Seed.directory(Golden.path("llama-gqa-untied/adapters/" + name), ".json", ".safetensors"));
        }
        BaseModel base = BaseModel.of(ModelDirectory.open(model("llama-gqa-untied")));
        return new Target("adapter", Set.of(Kind.ADAPTER), seeds, directory -> {
            try (Scope scope = Scope.open()) {
                PeftDirectory.read(directory, base, Set.of());
            }
        });
    }

    private Target rows() {
        List<Seed> seeds = new ArrayList<>();
        seeds.add(Seed.of("train.jsonl", "{\"text\": \"caf\u00e9 \\u00e9\"}\r\n\n{\"text\": \"b\"}"));
        seeds.add(Seed.of("train.jsonl", "{\"prompt\": \"a\", \"completion\": \"b\"}\n".repeat(3)));
        seeds.add(Seed.of("train.jsonl", """
                {"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]}
                {"messages": [{"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}]}
                """));
        seeds.add(Seed.of("train.jsonl", "{\"instruction\": \"a\", \"input\": \"b\", \"output\": \"c\"}\n"));
        seeds.add(Seed.of("rows.json", "[\"a\",\n \"b\\ud83d\\ude00\"]"));
        seeds.add(Seed.of("rows.json", "[{\"conversations\": [{\"from\": \"human\", \"value\": \"x\"}]}]"));
        seeds.add(Seed.of("train.jsonl", "{\"ids\": [1, 2, 3], \"learned\": [[1, 3]], \"open\": [[0, 2, 0.5]]}\n"));
        seeds.add(Seed.of("rows.txt", "\uFEFFone\r\ntwo\n"));
        return data("rows", seeds, directory -> {
            List<Path> files = Seed.regularFiles(directory);
            boolean single = files.size() == 1 && !files.get(0).endsWith("train.jsonl");
            DataSource.read(single ? files.get(0) : directory, new RowReader());
        });
    }

    private Target run() {
        Seed seed;
        try {
            Path folder = Files.createTempDirectory("inlay-run-");
            ResumedRun.write(folder.resolve("run"));
            seed = Seed.directory(
                    folder.resolve("run"), "run.json", "state.json", ".jsonl", "latest", "optimiser.safetensors");
            delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Set<Kind> kinds = EnumSet.of(Kind.DATA, Kind.USAGE, Kind.ADAPTER, Kind.DIVERGED);
        return new Target("run", kinds, List.of(seed), ResumedRun::read);
    }

    private void addReal(List<Seed> seeds, String name, String as) {
        if (real) {
            SharedData.find(name).ifPresent(file -> seeds.add(Seed.file(file, as)));
        }
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(each);
            }
        }
    }

    private static Target data(String name, List<Seed> seeds, Reading reading) {
        return new Target(name, Set.of(Kind.DATA), seeds, reading);
    }

    private static Path model(String name) {
        return Golden.path(name).resolve("model");
    }
}
