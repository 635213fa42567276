package dev.inlay.model;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.files.Weights;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads a blueprint's tensors: all names and shapes are checked before the first is read, and every tensor of the
 * checkpoint is used or known to carry no weights.
 */
final class WeightLoader {
    private final Blueprint blueprint;
    private final DecoderConfig config;
    private final Weights files;
    private final Set<String> expected = new TreeSet<>();

    WeightLoader(DecoderConfig config, Blueprint blueprint, Weights files) {
        this.config = config;
        this.blueprint = blueprint;
        this.files = files;
    }

    /** Whether the checkpoint stores a head of its own. */
    private boolean hasOwnHead() {
        return files.contains(blueprint.stored(blueprint.head().weight()));
    }

    /** Compares names and shapes with the configuration; reads no values. */
    void check() {
        blueprint.weights(config, false).forEach(this::shape);
        head();
        refuseTheRest();
    }

    private void head() {
        if (!hasOwnHead() && !config.tiedHead()) {
            throw InlayException.data(
                    "%s: tie_word_embeddings is false, but the checkpoint has no %s; set it to true if the head is the"
                            + " embedding",
                    files.directory(), blueprint.stored(blueprint.head().weight()));
        }
        if (hasOwnHead()) {
            List<Blueprint.Weight> all = blueprint.weights(config, true);
            all.subList(blueprint.weights(config, false).size(), all.size()).forEach(this::shape);
        }
    }

    private void shape(Blueprint.Weight weight) {
        String name = weight.name();
        long[] wanted = weight.shape();
        String stored = blueprint.stored(name);
        expected.add(stored);
        if (!files.contains(stored)) {
            throw InlayException.data(
                    "%s: tensor %s %s is missing; the configuration asks for it",
                    files.directory(), stored, Arrays.toString(wanted));
        }
        long[] found = files.tensor(stored).shape();
        boolean fits = hasVocabularyRows(name)
                ? found.length == 2 && found[0] >= wanted[0] && found[1] == wanted[1]
                : Arrays.equals(found, wanted);
        if (!fits) {
            throw InlayException.data(
                    "%s: tensor %s has shape %s, the configuration asks for %s",
                    files.directory(), stored, Arrays.toString(found), Arrays.toString(wanted));
        }
    }

    /** Checkpoints may pad these to more rows than the vocabulary has. */
    private boolean hasVocabularyRows(String name) {
        return name.equals(blueprint.embedding())
                || name.equals(blueprint.head().weight());
    }

    private void refuseTheRest() {
        List<String> rest = files.names().stream()
                .filter(name ->
                        !expected.contains(name) && !blueprint.ignorable().test(name))
                .sorted()
                .toList();
        if (!rest.isEmpty()) {
            throw InlayException.data(
                    "%s: %d tensors have no place in a %s model of this configuration: %s%s",
                    files.directory(),
                    rest.size(),
                    config.family(),
                    String.join(", ", rest.subList(0, Math.min(5, rest.size()))),
                    rest.size() > 5 ? ", ..." : "");
        }
    }

    /** Reads all weights in one element type; {@code owner} owns them. */
    DecoderWeights read(DType type, Device device, Scope owner) {
        DType wide = Assembly.normType(config, type);
        Assembly.Source source = new Assembly.Source() {
            @Override
            public Tensor tensor(String name) {
                return WeightLoader.this.tensor(name, type, device, owner);
            }

            @Override
            public Tensor ofNorm(String name) {
                return WeightLoader.this.tensor(name, wide, device, owner);
            }
        };
        try (Scope scope = Scope.open()) {
            DecoderWeights weights = new Assembly(config, blueprint, source).weights();
            weights.tensors().forEach(owner::own);
            if (config.tiedHead() && hasOwnHead()) {
                requireTied(weights.embedding(), tensor(blueprint.head().weight(), type, device, scope));
            }
            return weights;
        }
    }

    /** Reads all weights in float32, by their names in the blueprint; the innermost scope owns them. */
    Map<String, Tensor> all() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        for (Blueprint.Weight weight : blueprint.weights(config, !config.tiedHead())) {
            all.put(weight.name(), used(weight.name(), DType.FLOAT32));
        }
        if (config.tiedHead() && hasOwnHead()) {
            requireTied(
                    used(blueprint.embedding(), DType.FLOAT32),
                    used(blueprint.head().weight(), DType.FLOAT32));
        }
        return all;
    }

    private void requireTied(Tensor embedding, Tensor head) {
        if (head.minus(embedding).maxAbs() != 0) {
            throw InlayException.data(
                    "%s: tie_word_embeddings is true, but %s differs from the embedding; set it to false if the head is"
                            + " its own",
                    files.directory(), blueprint.stored(blueprint.head().weight()));
        }
    }

    private Tensor tensor(String name, DType type, Device device, Scope owner) {
        try (Scope scope = Scope.open()) {
            return owner.own(used(name, type).to(device));
        }
    }

    /** Without the rows that only pad. */
    private Tensor used(String name, DType type) {
        Tensor stored = files.load(blueprint.stored(name), type);
        return hasVocabularyRows(name) ? stored.narrow(0, 0, config.vocabulary()) : stored;
    }
}
