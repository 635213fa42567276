package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.combine.Combination;
import dev.inlay.adapter.merge.Merge;
import dev.inlay.adapter.merge.MergeOptions;
import dev.inlay.adapter.merge.MergeReport;
import dev.inlay.adapter.merge.Precision;
import dev.inlay.adapter.merge.TiedHead;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.LoadedAdapter;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.engine.Scope;
import dev.inlay.model.ModelDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay merge}: makes of a model and an adapter a new model directory. */
@Command(
        name = "merge",
        description = {
            "Make of a model and an adapter a new model that needs no adapter.",
            "Without an adapter: the model in another element type.",
            "Sums are taken in float64 and rounded once; the drift from model and adapter is measured and limited."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required or has a default
final class MergeCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory (Hugging Face).")
    private Path model;

    @Option(
            names = "--adapter",
            split = "\n", // one for each flag; a list only in a file
            hideParamSyntax = true,
            paramLabel = "DIR",
            description = "Adapter directory (PEFT), or a run directory: its best adapter. Several are merged as their"
                    + " sum: give the flag for each.")
    private List<Path> adapters = List.of();

    @Option(
            names = "--weights",
            split = ",",
            paramLabel = "W",
            description = "How strongly each adapter acts, in their order: 0.5,-1. Default: 1 each.")
    private List<Double> weights = List.of();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The model directory to write.")
    private Path out;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "as-base",
            description = "Type of the result: as-base, float32, bfloat16, float16 or float64."
                    + " Default: ${DEFAULT-VALUE}.")
    private String dtype;

    @Option(
            names = "--max-drift",
            paramLabel = "NATS",
            defaultValue = "0.01",
            description = "Refuse a result whose predictions differ by more from model and adapter (mean"
                    + " Kullback-Leibler divergence per token). Default: ${DEFAULT-VALUE}.")
    private double maxDrift;

    @Option(
            names = "--untie",
            negatable = true,
            fallbackValue = "true",
            defaultValue = "false",
            description = "Where the adapter changes a head that is the embedding, give the result a head of its own."
                    + " Default: ${DEFAULT-VALUE}.")
    private boolean untie;

    @Mixin
    private AllowOption allow = new AllowOption();

    @Mixin
    ConfigOption config = new ConfigOption();

    MergeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        InlayException.require(
                !adapters.isEmpty() || precision() != Precision.AS_BASE,
                "there is nothing to merge: give --adapter, or --dtype to write the model in another type");
        ModelDirectory base = ModelDirectory.open(model);
        base.notes().forEach(console::warn);
        try (Scope scope = Scope.open()) {
            BaseModel kind = BaseModel.of(base);
            List<AdapterUse> uses = AdapterUse.of(adapters, weights);
            List<LoadedAdapter> loaded = new ArrayList<>();
            for (AdapterUse use : uses) {
                loaded.add(PeftDirectory.read(use.place(), kind, allow.set()));
            }
            loaded.forEach(adapter -> adapter.notes().forEach(console::warn));
            show(Merge.write(base, sum(uses, loaded), options(), out));
        }
        return 0;
    }

    /** One adapter as it is, so that the model remembers it by its own digest; only plain ones add. */
    private static Parts sum(List<AdapterUse> uses, List<LoadedAdapter> loaded) {
        if (uses.isEmpty()) {
            return Parts.of();
        }
        if (uses.size() == 1 && uses.get(0).weight() == 1) {
            return loaded.get(0).parts();
        }
        List<Combination.Term> terms = new ArrayList<>();
        for (int i = 0; i < uses.size(); i++) {
            terms.add(new Combination.Term(loaded.get(i).adapter(), uses.get(i).weight()));
        }
        return Parts.of(new Combination(terms).sum());
    }

    private MergeOptions options() {
        return new MergeOptions(
                untie ? TiedHead.UNTIE : TiedHead.REFUSE,
                precision(),
                maxDrift,
                Map.of("inlay.version", Version.current()));
    }

    private Precision precision() {
        for (Precision each : Precision.values()) {
            if (each.name().equals(dtype.toUpperCase(Locale.ROOT).replace('-', '_'))) {
                return each;
            }
        }
        throw InlayException.usage(
                "unknown dtype \"%s\"; choose as-base, float32, bfloat16, float16 or float64", dtype);
    }

    private void show(MergeReport report) {
        console.result(String.format(
                Locale.ROOT,
                "merged %d of %d tensors, %s%s",
                report.changed(),
                report.tensors(),
                Numbers.bytes(report.bytes()),
                report.untied() ? "; the head is now a tensor of its own" : ""));
        console.result(report.drift().toString());
        console.result("wrote " + report.directory());
        console.result("next: inlay generate --model " + report.directory() + " --prompt ...");
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        object.put("directory", report.directory().toString());
        object.put("changed", report.changed());
        object.put("tensors", report.tensors());
        object.put("bytes", report.bytes());
        object.put("untied", report.untied());
        object.put("drift_max", report.drift().total().largest());
        object.put("drift_kl", report.drift().total().divergence());
        object.put("effect_max", report.drift().effect().largest());
        object.put("effect_kl", report.drift().effect().divergence());
        console.result(object);
    }
}
