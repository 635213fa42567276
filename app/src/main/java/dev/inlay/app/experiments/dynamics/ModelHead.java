package dev.inlay.app.experiments.dynamics;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.dynamics.Head;
import dev.inlay.dynamics.Matrix;
import dev.inlay.dynamics.Perturbation;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Projection;
import dev.inlay.model.Site;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A head of a model: A_h = W_Q,h' W_K,h / sqrt(size) and V_h = W_O[:, h] W_V[h, :]. Positions (RoPE), biases and norms play
 * no part.
 *
 * @param layer from 0 on
 * @param head from 0 on
 */
record ModelHead(Path model, int layer, int head) {
    private static final Pattern TEXT =
            Pattern.compile("model\\s+(.+?)\\s+layer\\s+(\\d{1,6})(?:\\s+head\\s+(\\d{1,6}))?");

    /**
     * Reads {@code model DIRECTORY layer L head H}; empty for a text that begins otherwise.
     *
     * @param usual the head where the text names none
     */
    static Optional<ModelHead> parse(String text, int usual) {
        if (!text.startsWith("model ")) {
            return Optional.empty();
        }
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw InlayException.usage("a head reads \"model DIRECTORY layer L head H\", was \"%s\"", text);
        }
        String head = matcher.group(3);
        return Optional.of(new ModelHead(
                Path.of(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                head == null ? usual : Integer.parseInt(head)));
    }

    /** The first head of this layer. */
    ModelHead first() {
        return new ModelHead(model, layer, 0);
    }

    /** This one of its layer's heads. */
    Head of(List<Head> layer) {
        require(head < layer.size(), "head must be from 0 to %d in %s, was %d", layer.size() - 1, model, head);
        return layer.get(head);
    }

    /** All heads of this layer, as the model has them or as a PEFT adapter changes them. */
    List<Head> layer(Optional<Path> adapter) {
        try (Decoder decoder = Decoder.load(model, Device.CPU);
                Scope scope = Scope.open()) {
            int layers = decoder.config().layers();
            int heads = decoder.config().attention().heads();
            require(layer < layers, "layer must be from 0 to %d in %s, was %d", layers - 1, model, layer);
            Optional<Adapter> change =
                    adapter.map(path -> PeftDirectory.read(path, BaseModel.of(ModelDirectory.open(model)), Set.of())
                            .adapter());
            return Perturbation.heads(
                    matrix(decoder, Projection.QUERY, change),
                    matrix(decoder, Projection.KEY, change),
                    matrix(decoder, Projection.VALUE, change),
                    matrix(decoder, Projection.ATTENTION_OUTPUT, change),
                    heads);
        }
    }

    private Matrix matrix(Decoder decoder, Projection projection, Optional<Adapter> change) {
        Site site = new Site(layer, projection);
        require(
                decoder.sites().stream().anyMatch(each -> each.site().equals(site)),
                "%s has no map of its own for %s; heads are read where queries, keys and values are apart",
                model,
                projection);
        Tensor weight = decoder.weight(site).to(DType.FLOAT64);
        Optional<LowRank> factors = change.map(adapter -> adapter.factors().get(site));
        Tensor all =
                factors.map(each -> weight.plus(each.dense().to(DType.FLOAT64))).orElse(weight);
        return Matrix.of((int) all.size(0), (int) all.size(1), all.toDoubles());
    }
}
