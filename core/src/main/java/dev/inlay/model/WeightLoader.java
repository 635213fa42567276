package dev.inlay.model;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.DecoderConfig.Normed;
import dev.inlay.model.files.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

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
        shape(blueprint.embedding(), config.vocabulary(), config.width());
        if (blueprint.positions() != null) {
            shape(blueprint.positions(), config.contextLength(), config.width());
        }
        for (Blueprint.Layer layer : blueprint.layers()) {
            layer.norms().forEach((normed, place) -> norm(place, config.norm().width(normed)));
            layer.linears().forEach(this::linear);
        }
        norm(blueprint.finalNorm(), config.width());
        head();
        refuseTheRest();
    }

    private void head() {
        if (hasOwnHead()) {
            linear(blueprint.head());
        } else if (!config.tiedHead()) {
            throw InlayException.data(
                    "%s: tie_word_embeddings is false, but the checkpoint has no %s; set it to true if the head is the"
                            + " embedding",
                    files.directory(), blueprint.stored(blueprint.head().weight()));
        }
    }

    private void norm(Blueprint.NormPlace norm, int width) {
        shape(norm.weight(), width);
        if (norm.biased()) {
            shape(norm.bias(), width);
        }
    }

    private void linear(LinearSite site) {
        shape(site.weight(), site.storedShape());
        if (site.biased()) {
            shape(site.bias(), site.out());
        }
    }

    private void shape(String name, long... wanted) {
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
        Tensor embedding = tensor(blueprint.embedding(), type, device, owner);
        Tensor positions = blueprint.positions() == null ? null : tensor(blueprint.positions(), type, device, owner);
        List<DecoderWeights.Layer> layers = new ArrayList<>();
        for (Blueprint.Layer layer : blueprint.layers()) {
            EnumMap<Projection, DecoderWeights.Affine> linears = new EnumMap<>(Projection.class);
            for (LinearSite site : layer.linears()) {
                linears.put(site.site().projection(), affine(site, type, device, owner));
            }
            EnumMap<Normed, DecoderWeights.NormWeights> norms = new EnumMap<>(Normed.class);
            layer.norms().forEach((normed, place) -> norms.put(normed, norm(place, type, device, owner)));
            layers.add(new DecoderWeights.Layer(norms, linears));
        }
        DecoderWeights.NormWeights last = norm(blueprint.finalNorm(), type, device, owner);
        return new DecoderWeights(
                embedding, positions, List.copyOf(layers), last, head(embedding, type, device, owner));
    }

    private DecoderWeights.Affine head(Tensor embedding, DType type, Device device, Scope owner) {
        if (!hasOwnHead()) {
            return new DecoderWeights.Affine(embedding, null);
        }
        DecoderWeights.Affine own = affine(blueprint.head(), type, device, owner);
        if (!config.tiedHead()) {
            return own;
        }
        try (Scope scope = Scope.open()) {
            if (own.weight().minus(embedding).maxAbs() != 0) {
                throw InlayException.data(
                        "%s: tie_word_embeddings is true, but %s differs from the embedding; set it to false if the head is"
                                + " its own",
                        files.directory(), blueprint.stored(blueprint.head().weight()));
            }
        }
        return new DecoderWeights.Affine(embedding, null);
    }

    private DecoderWeights.NormWeights norm(Blueprint.NormPlace norm, DType type, Device device, Scope owner) {
        DecoderConfig.Norm.Kind kind = config.norm().kind();
        DType wide = kind.isWide() && type.isHalf() ? DType.FLOAT32 : type;
        @Nullable Tensor bias = norm.biased() ? tensor(norm.bias(), wide, device, owner) : null;
        Tensor weight = tensor(norm.weight(), wide, device, owner);
        return new DecoderWeights.NormWeights(kind.offset() == 0 ? weight : weight.add(kind.offset()), bias);
    }

    private DecoderWeights.Affine affine(LinearSite site, DType type, Device device, Scope owner) {
        @Nullable Tensor bias = site.biased() ? tensor(site.bias(), type, device, owner) : null;
        Tensor weight = tensor(site.weight(), type, device, owner);
        if (site.storedTransposed()) {
            try (Scope scope = Scope.open()) {
                weight = owner.own(weight.transposed());
            }
        }
        return new DecoderWeights.Affine(weight, bias);
    }

    private Tensor tensor(String name, DType type, Device device, Scope owner) {
        try (Scope scope = Scope.open()) {
            Tensor stored = files.load(blueprint.stored(name), type);
            Tensor used = hasVocabularyRows(name) ? stored.narrow(0, 0, config.vocabulary()) : stored;
            return owner.own(used.to(device));
        }
    }
}
