package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.adapter.exchange.Converted;
import dev.inlay.adapter.exchange.GgufExport;
import dev.inlay.adapter.exchange.Layout;
import dev.inlay.adapter.exchange.MlxAdapter;
import dev.inlay.adapter.exchange.ModelDifference;
import dev.inlay.adapter.exchange.PeftImport;
import dev.inlay.adapter.exchange.Truncation;
import dev.inlay.adapter.gguf.GgufType;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.LoadedAdapter;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.adapter.peft.Ranks;
import dev.inlay.engine.Scope;
import dev.inlay.model.ModelDirectory;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inlay convert}: adapters from and to the layouts of other tools. */
@Command(
        name = "convert",
        description = {
            "Convert an adapter from or to the layout of another tool.",
            "To peft: from mlx-lm, from older, damaged or bare files of factors, and from a fine-tuned model (its difference"
                    + " from --model). From peft: to gguf (llama.cpp) and mlx. A model that needs no adapter: inlay merge.",
            "What was written is read again and its effect on the logits measured before it appears."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required
final class ConvertCommand implements Callable<Integer> {
    /** What can be written. */
    enum Target {
        PEFT,
        GGUF,
        MLX
    }

    private final Console console;

    @Parameters(paramLabel = "SOURCE", description = "Directory of an adapter or model, or a .safetensors file.")
    private Path source;

    @Option(names = "--to", required = true, paramLabel = "LAYOUT", description = "peft, gguf or mlx.")
    private Target to;

    @Option(
            names = "--from",
            paramLabel = "LAYOUT",
            description =
                    "peft, mlx, bare (factors without rank and scale), model, or legacy-alora (Activated LoRA of before"
                            + " PEFT had it). Default: what the files are.")
    private @Nullable String from;

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "The adapter's base model.")
    private Path model;

    @Option(names = "--out", required = true, paramLabel = "PATH", description = "Directory, or GGUF file, to write.")
    private Path out;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "f32",
            description = "Element type of a GGUF adapter: f32, f16 or bf16. Default: ${DEFAULT-VALUE}.")
    private GgufType dtype;

    @Option(
            names = "--rank",
            paramLabel = "R",
            description = "From bare: the rank of the factors. From model: singular values to keep of each map.")
    private @Nullable Integer rank;

    @Option(names = "--alpha", paramLabel = "A", description = "From bare: the change is scaled by alpha / rank.")
    private @Nullable Double alpha;

    @Option(
            names = "--energy",
            paramLabel = "SHARE",
            description = "From model, instead of --rank: as many singular values as hold this share of the change's"
                    + " squares, for example 0.99.")
    private @Nullable Double energy;

    @Option(
            names = "--leave-out",
            negatable = true,
            fallbackValue = "true",
            defaultValue = "false",
            description = "From model: lose differences that factors cannot express (embeddings, norms, biases), each"
                    + " named in a warning. Default: ${DEFAULT-VALUE}.")
    private boolean leaveOut;

    @Mixin
    private AllowOption allow = new AllowOption();

    @Mixin
    ConfigOption config = new ConfigOption();

    ConvertCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Path place = AdapterPlace.of(source);
        Layout layout = from == null ? Layout.of(place) : Layout.named(from);
        ModelDirectory base = ModelDirectory.open(model);
        base.notes().forEach(console::warn);
        requireFitting(layout);
        if (to == Target.PEFT) {
            toPeft(place, layout, base);
        } else if (layout == Layout.PEFT) {
            show(fromPeft(place, base));
        } else {
            throw InlayException.usage(
                    "%s is written from a PEFT directory, and %s is %s; convert it to peft first",
                    to.name().toLowerCase(Locale.ROOT), source, layout.word());
        }
        return 0;
    }

    /** An option that the conversion would ignore is a misunderstanding. */
    private void requireFitting(Layout layout) {
        boolean bare = to == Target.PEFT && layout == Layout.BARE;
        boolean difference = to == Target.PEFT && layout == Layout.MODEL;
        InlayException.require(
                rank == null || bare || difference, "--rank is for --to peft from bare factors or a model");
        InlayException.require(alpha == null || bare, "--alpha is for --to peft from bare factors");
        InlayException.require(energy == null || difference, "--energy is for --to peft from a model");
        InlayException.require(!leaveOut || difference, "--leave-out is for --to peft from a model");
    }

    private void toPeft(Path place, Layout layout, ModelDirectory base) {
        switch (layout) {
            case PEFT -> show(PeftImport.named(place, base, allow.set(), out));
            case BARE -> show(PeftImport.bare(place, stated(), base, allow.set(), out));
            case MLX -> show(MlxAdapter.toPeft(place, base, Version.current(), out));
            case MODEL -> show(difference(place, base));
            case LEGACY_ALORA -> show(PeftImport.activated(place, base, allow.set(), out));
        }
    }

    private Ranks stated() {
        if (rank == null || alpha == null) {
            throw InlayException.usage(
                    "%s says neither rank nor scale; give both --rank and --alpha, as they were in training", source);
        }
        return Ranks.uniform(rank, alpha, false);
    }

    private ModelDifference.Result difference(Path tuned, ModelDirectory base) {
        InlayException.require(
                (rank == null) != (energy == null), "from a model give either --rank R or --energy SHARE");
        Truncation truncation =
                rank != null ? new Truncation.Fixed(rank) : new Truncation.Energy(energy == null ? 1 : energy);
        ModelDifference.Rest rest = leaveOut ? ModelDifference.Rest.LEAVE_OUT : ModelDifference.Rest.REFUSE;
        return ModelDifference.write(base, ModelDirectory.open(tuned), truncation, rest, Version.current(), out);
    }

    private Converted fromPeft(Path place, ModelDirectory base) {
        try (Scope scope = Scope.open()) {
            LoadedAdapter loaded = PeftDirectory.read(place, BaseModel.of(base), allow.set());
            loaded.notes().forEach(console::warn);
            return to == Target.GGUF
                    ? GgufExport.write(out, loaded.adapter(), base, dtype)
                    : MlxAdapter.write(out, loaded.adapter(), base);
        }
    }

    private void show(ModelDifference.Result result) {
        List<ModelDifference.Part> parts = result.parts();
        console.result("error    rank  norm Delta W  map");
        parts.forEach(part -> console.result(String.format(
                Locale.ROOT, "%-8.3g %4d  %-12.3g  %s", part.error(), part.rank(), part.change(), part.path())));
        ObjectNode object = json(result.converted());
        parts.forEach(part -> object.withArray("/maps")
                .addObject()
                .put("path", part.path())
                .put("rank", part.rank())
                .put("change", part.change())
                .put("error", part.error()));
        show(result.converted(), object);
    }

    private void show(Converted converted) {
        show(converted, json(converted));
    }

    private void show(Converted converted, ObjectNode object) {
        converted.notes().forEach(console::warn);
        console.result(converted.modules() + " modules; effect " + converted.effect() + " in logits");
        converted.deviation().ifPresent(deviation -> console.result("deviation from what was meant: " + deviation));
        console.result("wrote " + converted.target());
        console.result(object);
    }

    private static ObjectNode json(Converted converted) {
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        object.put("target", converted.target().toString());
        object.put("modules", converted.modules());
        object.put("effect_max", converted.effect().largest());
        object.put("effect_kl", converted.effect().divergence());
        converted.deviation().ifPresent(deviation -> {
            object.put("deviation_max", deviation.largest());
            object.put("deviation_kl", deviation.divergence());
        });
        converted.notes().forEach(object.putArray("notes")::add);
        return object;
    }
}
