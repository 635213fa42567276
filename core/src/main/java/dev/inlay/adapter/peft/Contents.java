package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import dev.inlay.adapter.Role;
import dev.inlay.adapter.Slot;
import dev.inlay.model.LinearSite;
import dev.inlay.model.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which tensors belong into {@code adapter_model.safetensors}, by name: what a configuration says about a base. Reading and
 * writing both follow it.
 *
 * <table>
 * <caption>Names behind {@code base_model.model.PATH}</caption>
 * <tr><td>{@code .lora_A.weight}, {@code .lora_B.weight}</td><td>[rank, in], [out, rank], also where the base stores [in,
 * out]</td></tr>
 * <tr><td>{@code .lora_embedding_A}, {@code .lora_embedding_B}</td><td>[rank, vocabulary], [width, rank] of an
 * embedding</td></tr>
 * <tr><td>{@code .lora_B.bias}</td><td>[out], {@code lora_bias}</td></tr>
 * <tr><td>{@code .lora_magnitude_vector}</td><td>[out], {@code use_dora}</td></tr>
 * <tr><td>{@code .base_layer.bias}</td><td>[out], {@code bias}, of a changed map</td></tr>
 * <tr><td>{@code .bias}</td><td>[out], {@code bias} "all", of another map</td></tr>
 * <tr><td>{@code .weight}, {@code .bias}</td><td>as the base stores them, {@code modules_to_save}</td></tr>
 * <tr><td>{@code .token_adapter.trainable_tokens_delta}</td><td>[tokens, width],
 * {@code trainable_token_indices}</td></tr>
 * <tr><td>{@code .base_layer.weight}</td><td>as the base stores it, of a changed embedding or head; may be absent</td></tr>
 * </table>
 */
final class Contents {
    private static final String PREFIX = "base_model.model.";
    /** Modules of which PEFT repeats the weight when it adapts them. */
    private static final Set<String> REPEATED = Set.of("embed_tokens", "lm_head");

    private final BaseModel base;
    private final PeftConfig config;
    private final Map<String, Target> targets = new LinkedHashMap<>();
    private final List<Entry> entries = new ArrayList<>();

    /**
     * A tensor of the file.
     *
     * @param optional whether it may be absent
     */
    record Entry(String name, Slot slot, List<Long> shape, boolean optional) {
        /**
         * Takes it out of the shapes of a file; false if it is absent and may be.
         *
         * @throws InlayException if it is missing or has another shape
         */
        boolean isTakenFrom(Map<String, StoredFactors.Shape> shapes, String file) {
            StoredFactors.Shape found = shapes.remove(name);
            if (found == null && !optional) {
                throw InlayException.adapter(
                        "%s: tensor %s %s is missing; adapter_config.json asks for it", file, name, shape);
            }
            if (found != null && !found.sizes().equals(shape)) {
                throw InlayException.adapter(
                        "%s: tensor %s has shape %s, and this base asks for %s; the adapter is for another base, or its"
                                + " vocabulary was resized",
                        file, name, found, shape);
            }
            return found != null;
        }
    }

    private Contents(BaseModel base, PeftConfig config, List<Target> targets) {
        this.base = base;
        this.config = config;
        targets.forEach(target -> this.targets.put(target.path(), target));
    }

    /** All tensors but the factors, in the order of the base's modules. */
    static List<Entry> beside(BaseModel base, PeftConfig config, List<Target> targets) {
        Contents contents = new Contents(base, config, targets);
        Set<String> saved = SavedModules.of(base, config.beside());
        Map<Site, List<Integer>> tokens = TrainedTokens.of(base, config.beside());
        for (LinearSite place : base.sites()) {
            if (contents.targets.containsKey(place.path())) {
                contents.addTarget(place);
            } else if (saved.contains(place.path())) {
                contents.addSaved(place);
            } else if (place.biased() && config.beside().bias() == Beside.BaseBias.ALL) {
                contents.add(place, Role.BIAS, ".bias", place.out());
            }
            contents.addTokens(place, tokens);
        }
        return contents.entries;
    }

    private void addTarget(LinearSite place) {
        boolean embedding = place.site().equals(Site.EMBEDDING);
        Beside beside = config.beside();
        if (beside.dora()) {
            add(place, Role.MAGNITUDE, ".lora_magnitude_vector", place.out());
        }
        if (beside.upBias()) {
            if (embedding) {
                throw InlayException.adapter(
                        "lora_bias is set and %s is an embedding; PEFT has no such adapter", place.path());
            }
            add(place, Role.UP_BIAS, ".lora_B.bias", place.out());
        }
        if (place.biased() && beside.bias() != Beside.BaseBias.NONE) {
            add(place, Role.BIAS, ".base_layer.bias", place.out());
        }
        if (REPEATED.contains(place.path().substring(place.path().lastIndexOf('.') + 1))) {
            entries.add(new Entry(
                    PREFIX + place.path() + ".base_layer.weight",
                    new Slot(place.site(), Role.COPY),
                    sizes(place.storedShape()),
                    true));
        }
    }

    private void addSaved(LinearSite place) {
        add(place, Role.WEIGHT, ".weight", place.storedShape());
        if (place.biased()) {
            add(place, Role.BIAS, ".bias", place.out());
        }
    }

    private void addTokens(LinearSite place, Map<Site, List<Integer>> tokens) {
        List<Integer> ids = tokens.get(place.site());
        if (ids == null) {
            return;
        }
        if (targets.containsKey(place.path())) {
            throw InlayException.adapter(
                    "%s is among the targets and has trainable_token_indices: how the two act together is not defined",
                    place.path());
        }
        boolean embedding = place.site().equals(Site.EMBEDDING);
        long width = embedding ? place.out() : place.in();
        long vocabulary = embedding ? place.in() : place.out();
        ids.stream().filter(id -> id >= vocabulary).findFirst().ifPresent(id -> {
            throw InlayException.adapter(
                    "trainable_token_indices names token %d, the vocabulary of this base ends at %d", id, vocabulary);
        });
        if (!(TrainedTokens.areTied(base, config.beside()) && place.site().equals(Site.HEAD))) {
            add(place, Role.TOKENS, ".token_adapter.trainable_tokens_delta", ids.size(), width);
        }
    }

    private void add(LinearSite place, Role role, String suffix, long... shape) {
        entries.add(new Entry(PREFIX + place.path() + suffix, new Slot(place.site(), role), sizes(shape), false));
    }

    private static List<Long> sizes(long... shape) {
        return Arrays.stream(shape).boxed().collect(Collectors.toList());
    }
}
