package dev.inlay.app.cli;

import dev.inlay.InlayException;
import dev.inlay.adapter.combine.Combination;
import dev.inlay.adapter.combine.Combiner;
import dev.inlay.adapter.combine.Reduction;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.LoadedAdapter;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.engine.Scope;
import dev.inlay.model.ModelDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inlay combine}: makes one adapter of several. */
@Command(
        name = "combine",
        description = {
            "Make one adapter of several: the weighted sum of their changes, over all maps that one of them changes.",
            "The ranks add, and the sum is exact, unless --rank or --energy says how much of it to keep."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required
final class CombineCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "ADAPTER", arity = "1..*", description = "Adapter directories (PEFT) or run directories.")
    private List<Path> adapters;

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "The model that they are for.")
    private Path model;

    @Option(
            names = "--weights",
            split = ",",
            paramLabel = "W",
            description =
                    "How strongly each adapter acts, in their order: 0.5,0.5 for the mean, 1,-1 for the difference."
                            + " Default: 1 each.")
    private List<Double> weights = List.of();

    @Option(
            names = "--rank",
            paramLabel = "R",
            description = "Keep the best approximation of at most this rank at each map (singular values).")
    private @Nullable Integer rank;

    @Option(
            names = "--energy",
            paramLabel = "SHARE",
            description =
                    "Keep as few ranks at each map as hold this share of its energy, the square of its norm: 0.99.")
    private @Nullable Double energy;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The adapter directory to write.")
    private Path out;

    @Mixin
    private AllowOption allow = new AllowOption();

    @Mixin
    ConfigOption config = new ConfigOption();

    CombineCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Reduction reduction = reduction();
        List<AdapterUse> uses = AdapterUse.of(adapters, weights);
        ModelDirectory directory = ModelDirectory.open(model);
        directory.notes().forEach(console::warn);
        try (Scope scope = Scope.open()) {
            BaseModel base = BaseModel.of(directory);
            List<Combination.Term> terms = new ArrayList<>();
            String name = model.toAbsolutePath().normalize().toString();
            for (AdapterUse use : uses) {
                LoadedAdapter loaded = PeftDirectory.read(use.place(), base, allow.set());
                loaded.notes().forEach(console::warn);
                terms.add(new Combination.Term(loaded.adapter(), use.weight()));
                name = Objects.requireNonNullElse(loaded.config().base().name(), name);
            }
            Combiner combiner = new Combiner(directory, base, new Combination(terms));
            new CombineResult(combiner.write(out, reduction, name, Version.current()), base).show(console, model);
        }
        return 0;
    }

    private Reduction reduction() {
        InlayException.require(rank == null || energy == null, "--rank and --energy exclude each other; choose one");
        if (rank != null) {
            return Reduction.toRank(rank);
        }
        return energy == null ? Reduction.NONE : Reduction.toEnergy(energy);
    }
}
