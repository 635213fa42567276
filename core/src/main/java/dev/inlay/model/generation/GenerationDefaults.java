package dev.inlay.model.generation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How a model's {@code generation_config.json} asks to be sampled, unless the caller knows better.
 *
 * <table>
 * <caption>Keys; absent means the value of transformers</caption>
 * <tr><td>{@code do_sample}</td><td>false: always the best token, and the next four do nothing</td></tr>
 * <tr><td>{@code temperature}</td><td>1</td></tr>
 * <tr><td>{@code top_k}</td><td>50; 0 for all</td></tr>
 * <tr><td>{@code top_p}, {@code min_p}</td><td>1, 0</td></tr>
 * <tr><td>{@code repetition_penalty}</td><td>1</td></tr>
 * </table>
 *
 * <p>{@code eos_token_id} and {@code bos_token_id} are the tokenizer's ({@link Stops#of}).
 *
 * @param sampling what the file says; greedy without a file
 * @param file the file, if there is one
 * @param ignored keys that would change what is generated and that are not applied
 */
public record GenerationDefaults(Sampling sampling, Optional<Path> file, List<String> ignored) {
    private static final String FILE = "generation_config.json";
    private static final double LEAST_TEMPERATURE = 1e-6;
    private static final double GREATEST_TEMPERATURE = 1e6;

    /** Keys that we do not apply, with the value that does nothing; a list does nothing when it is empty. */
    private static final Map<String, Double> NOT_APPLIED = new TreeMap<>(Map.ofEntries(
            Map.entry("bad_words_ids", 0.0),
            Map.entry("begin_suppress_tokens", 0.0),
            Map.entry("encoder_repetition_penalty", 1.0),
            Map.entry("epsilon_cutoff", 0.0),
            Map.entry("eta_cutoff", 0.0),
            Map.entry("exponential_decay_length_penalty", 0.0),
            Map.entry("forced_bos_token_id", -1.0),
            Map.entry("forced_eos_token_id", -1.0),
            Map.entry("guidance_scale", 1.0),
            Map.entry("min_length", 0.0),
            Map.entry("min_new_tokens", 0.0),
            Map.entry("no_repeat_ngram_size", 0.0),
            Map.entry("num_beams", 1.0),
            Map.entry("penalty_alpha", 0.0),
            Map.entry("sequence_bias", 0.0),
            Map.entry("suppress_tokens", 0.0),
            Map.entry("typical_p", 1.0)));

    public GenerationDefaults {
        ignored = List.copyOf(ignored);
    }

    /** Reads the file of a model directory. */
    public static GenerationDefaults of(Path modelDirectory) {
        Path file = modelDirectory.resolve(FILE);
        if (!Files.exists(file)) {
            return new GenerationDefaults(Sampling.greedy(), Optional.empty(), List.of());
        }
        JsonObject keys = Json.readObject(file);
        List<String> ignored = NOT_APPLIED.entrySet().stream()
                .filter(entry -> acts(keys.get(entry.getKey()), entry.getValue()))
                .map(Map.Entry::getKey)
                .toList();
        return new GenerationDefaults(sampling(keys), Optional.of(file), ignored);
    }

    private static boolean acts(JsonNode value, double neutral) {
        return value.isContainerNode() ? !value.isEmpty() : value.isNumber() && value.doubleValue() != neutral;
    }

    /** Values are checked whether they act or not. */
    private static Sampling sampling(JsonObject keys) {
        boolean drawn = keys.flag("do_sample", false);
        double temperature = within(keys, "temperature", drawn ? LEAST_TEMPERATURE : 0, GREATEST_TEMPERATURE, 1);
        int topK = Math.toIntExact(keys.integer("top_k", 0, Integer.MAX_VALUE, 50));
        double topP = within(keys, "top_p", Double.MIN_VALUE, 1, 1);
        double minP = within(keys, "min_p", 0, 1, 0);
        double penalty = within(keys, "repetition_penalty", 0.01, 100, 1);
        return drawn
                ? new Sampling(temperature, topK, topP, minP, penalty, 0)
                : Sampling.greedy().withRepetitionPenalty(penalty);
    }

    private static double within(JsonObject keys, String key, double least, double greatest, double absent) {
        double value = keys.number(key, absent);
        if (value < least || value > greatest) {
            String range =
                    least == Double.MIN_VALUE ? "above 0 and at most " + greatest : "from " + least + " to " + greatest;
            throw keys.wrong(key, "a number " + range);
        }
        return value;
    }
}
