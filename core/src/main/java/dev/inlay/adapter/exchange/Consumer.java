package dev.inlay.adapter.exchange;

import static dev.inlay.adapter.exchange.Objection.ignores;
import static dev.inlay.adapter.exchange.Objection.needs;
import static dev.inlay.adapter.exchange.Objection.refuses;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.adapter.gguf.GgufArchitecture;
import dev.inlay.adapter.peft.BaseModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Programs that run adapters, and what each rejects or ignores.
 *
 * <p>The facts are those of their sources (vLLM's {@code peft_helper.py}, llama.cpp's {@code llama-adapter.cpp}, the
 * releases of PEFT); none of these programs is called.
 */
public enum Consumer {
    /** Hugging Face PEFT. */
    PEFT("peft") {
        @Override
        List<Objection> objections(StoredAdapter adapter, BaseModel base) {
            List<Objection> found = new ArrayList<>();
            String type = adapter.config().get("peft_type").asText();
            if (!type.equals("LORA")) {
                found.add(refuses("peft_type is \"" + type + "\"", "only LORA is an adapter of this kind"));
            }
            if (adapter.metadata().containsKey("inlay.gate") && !adapter.sets("alora_invocation_tokens")) {
                found.add(ignores("its gate", "PEFT would apply it to every token; run it with Inlay"));
            }
            SINCE.forEach((key, version) -> {
                if (adapter.sets(key)) {
                    found.add(needs(key, "PEFT " + version + " or later; older releases drop the key with a warning"));
                }
            });
            return found;
        }
    },
    /** The vLLM server. */
    VLLM("vllm") {
        @Override
        List<Objection> objections(StoredAdapter adapter, BaseModel base) {
            List<Objection> found = new ArrayList<>();
            for (String key : List.of("r", "lora_alpha", "target_modules")) {
                if (!adapter.sets(key)) {
                    found.add(refuses("no " + key, "write the key; vLLM knows no default"));
                }
            }
            refusesIf(adapter.sets("modules_to_save"), found, "modules_to_save", MERGE);
            refusesIf(adapter.sets("use_dora"), found, "DoRA (use_dora)", MERGE);
            refusesIf(adapter.trainsBiases(), found, "trained biases (bias)", MERGE);
            refusesIf(adapter.sets("lora_bias"), found, "a bias of lora_B (lora_bias)", MERGE);
            refusesIf(adapter.sets("trainable_token_indices"), found, "trained rows of the embedding", MERGE);
            refusesIf(adapter.changesVocabulary(), found, "an adapted head or embedding", TRAIN_LESS);
            if (adapter.scalesDiffer()) {
                found.add(ignores(
                        "rank_pattern, alpha_pattern", "it scales every module by lora_alpha and r alone; " + MERGE));
            }
            if (adapter.isGated()) {
                found.add(ignores("the gate", "it applies the adapter to every token; serve it where gates are known"));
            }
            rank(adapter, found);
            return found;
        }

        private void rank(StoredAdapter adapter, List<Objection> found) {
            long most = adapter.config().get("r").asLong(8);
            for (JsonNode other : adapter.config().get("rank_pattern")) {
                most = Math.max(most, other.asLong());
            }
            if (most > VLLM_RANKS[VLLM_RANKS.length - 1]) {
                found.add(refuses(
                        "rank " + most,
                        "its largest is " + VLLM_RANKS[VLLM_RANKS.length - 1] + "; compress the adapter or merge it"));
            } else if (most > VLLM_DEFAULT_RANK) {
                long bound = most;
                int setting = Arrays.stream(VLLM_RANKS)
                        .filter(each -> each >= bound)
                        .findFirst()
                        .orElseThrow();
                found.add(needs(
                        "rank " + most,
                        "--max-lora-rank " + setting + " when the server starts; its default is " + VLLM_DEFAULT_RANK));
            }
        }
    },
    /** llama.cpp, by a GGUF adapter. */
    LLAMA_CPP("llama.cpp") {
        @Override
        List<Objection> objections(StoredAdapter adapter, BaseModel base) {
            List<Objection> found = new ArrayList<>();
            GgufArchitecture.of(base.family())
                    .ifPresentOrElse(
                            known -> {},
                            () -> found.add(refuses(
                                    "a model of the family " + base.family(),
                                    "known are " + GgufArchitecture.families() + "; " + MERGE)));
            refusesIf(adapter.sets("modules_to_save"), found, "modules_to_save", MERGE);
            refusesIf(adapter.sets("use_dora"), found, "DoRA (use_dora)", MERGE);
            refusesIf(adapter.trainsBiases(), found, "trained biases (bias)", MERGE);
            refusesIf(adapter.sets("lora_bias"), found, "a bias of lora_B (lora_bias)", MERGE);
            refusesIf(adapter.sets("trainable_token_indices"), found, "trained rows of the embedding", MERGE);
            refusesIf(
                    adapter.holds(name -> name.contains("lora_embedding_")), found, "an adapted embedding", TRAIN_LESS);
            boolean invoked = adapter.sets("alora_invocation_tokens");
            refusesIf(adapter.isGated() && !invoked, found, "the gate", "it knows a trigger from which on all is open");
            if (invoked) {
                found.add(
                        needs(
                                "alora_invocation_tokens",
                                "its server, which takes one such adapter per request and applies none where the trigger is missing"));
            }
            boolean head = adapter.holds(name -> name.endsWith("lm_head.lora_B.weight"));
            refusesIf(base.tiedHead() && head, found, "an adapted head that is the embedding", MERGE + " --untie");
            found.add(needs("a GGUF file", "inlay convert --to gguf"));
            for (String key : List.of("use_rslora", "rank_pattern", "alpha_pattern")) {
                if (adapter.sets(key)) {
                    found.add(needs(key, "inlay convert, which folds the scales in; the usual converter loses them"));
                }
            }
            return found;
        }
    };

    private static final String MERGE = "merge it: inlay merge";
    private static final String TRAIN_LESS = "train without the head and the embedding, or " + MERGE;
    private static final int VLLM_DEFAULT_RANK = 16;
    /** What vLLM's --max-lora-rank takes. */
    private static final int[] VLLM_RANKS = {1, 8, 16, 32, 64, 128, 256, 320, 512};
    /** In which release PEFT learned a key. */
    private static final Map<String, String> SINCE = since();

    private final String word;

    Consumer(String word) {
        this.word = word;
    }

    private static Map<String, String> since() {
        Map<String, String> since = new LinkedHashMap<>();
        since.put("rank_pattern", "0.6");
        since.put("alpha_pattern", "0.6");
        since.put("use_rslora", "0.8");
        since.put("use_dora", "0.9");
        since.put("layer_replication", "0.10");
        since.put("exclude_modules", "0.14");
        since.put("lora_bias", "0.14");
        since.put("trainable_token_indices", "0.15");
        since.put("target_parameters", "0.17");
        since.put("alora_invocation_tokens", "0.18");
        return since;
    }

    /** As people write it. */
    public String word() {
        return word;
    }

    /** The consumer of that name. */
    public static Consumer named(String word) {
        return Arrays.stream(values())
                .filter(each -> each.word.equals(word.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> InlayException.usage(
                        "unknown consumer \"%s\"; choose %s",
                        word, Arrays.stream(values()).map(Consumer::word).collect(Collectors.joining(", "))));
    }

    /** What it rejects, ignores or needs of an adapter directory; nothing if not even its files can be read. */
    public List<Objection> objections(Path directory, BaseModel base) {
        return StoredAdapter.of(directory)
                .map(adapter -> objections(adapter, base))
                .orElse(List.of());
    }

    abstract List<Objection> objections(StoredAdapter adapter, BaseModel base);

    private static void refusesIf(boolean condition, List<Objection> found, String what, String remedy) {
        if (condition) {
            found.add(refuses(what, remedy));
        }
    }
}
