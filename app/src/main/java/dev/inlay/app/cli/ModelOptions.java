package dev.inlay.app.cli;

import dev.inlay.InlayException;
import dev.inlay.adapter.peft.AdaptedModel;
import dev.inlay.adapter.peft.Nearest;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model, which adapters, and how they are computed with. */
@SuppressWarnings("NullAway.Init") // picocli sets what is required
final class ModelOptions {
    private static final List<String> DTYPES = List.of("float32", "bfloat16", "float16", "float64");

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory (Hugging Face).")
    Path model;

    @Option(
            names = "--adapter",
            split = "\n", // one for each flag; a list only in a file
            hideParamSyntax = true,
            paramLabel = "DIR",
            description =
                    "Adapter directory (PEFT), or a run directory: its best adapter. Several act together: give the"
                            + " flag for each. Default: the bare model.")
    List<Path> adapters = List.of();

    @Option(
            names = "--weights",
            split = ",",
            paramLabel = "W",
            description = "How strongly each adapter acts, in their order: 0.5,-1. Default: 1 each.")
    List<Double> weights = List.of();

    @Mixin
    AllowOption allow = new AllowOption();

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            description = "float32, bfloat16, float16 or float64: convert the model's weights. Default: as stored.")
    @Nullable
    String dtype;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "cpu",
            description = "cpu, cuda or cuda:N. Default: ${DEFAULT-VALUE}.")
    String device;

    /** The adapters of the command line. */
    List<AdapterUse> adapters() {
        return AdapterUse.of(adapters, weights);
    }

    /** Loads the model with the adapters of the command line and passes notes on. */
    AdaptedModel load(Console console) {
        return load(adapters(), console);
    }

    AdaptedModel load(List<AdapterUse> uses, Console console) {
        List<Path> places = uses.stream().map(AdapterUse::place).toList();
        AdaptedModel.Request request = new AdaptedModel.Request(model, places, allow.set());
        AdaptedModel loaded = AdaptedModel.load(request, dtype(dtype), Device.parse(device));
        loaded.notes().forEach(console::warn);
        return loaded;
    }

    static Optional<DType> dtype(@Nullable String name) {
        if (name == null) {
            return Optional.empty();
        }
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "float32" -> Optional.of(DType.FLOAT32);
            case "float64" -> Optional.of(DType.FLOAT64);
            case "bfloat16" -> Optional.of(DType.BFLOAT16);
            case "float16" -> Optional.of(DType.FLOAT16);
            default ->
                throw InlayException.usage("unknown dtype \"%s\"; choose from %s", name, String.join(", ", DTYPES))
                        .expected(String.join(", ", DTYPES))
                        .found(name)
                        .nearest(Nearest.to(name, DTYPES));
        };
    }
}
