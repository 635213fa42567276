package dev.inlay.app.cli;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.Initialisation;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.ModelModule;
import dev.inlay.adapter.peft.ModuleMatcher;
import dev.inlay.adapter.peft.ModuleTree;
import dev.inlay.adapter.peft.NamePattern;
import dev.inlay.adapter.peft.PeftConfig;
import dev.inlay.adapter.peft.Ranks;
import dev.inlay.adapter.peft.Selection;
import dev.inlay.adapter.peft.Target;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.model.Gate;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Site;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.training.GateReport;
import dev.inlay.training.MemoryPlan;
import dev.inlay.training.Prefixes;
import dev.inlay.training.SplitCost;
import dev.inlay.training.TrainingOptions;
import dev.inlay.training.Workload;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Step;
import dev.inlay.training.data.Unit;
import dev.inlay.training.data.Units;
import dev.inlay.training.run.RunRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/**
 * Everything up to the first step of a training run, checked, with no weight loaded.
 *
 * @param targets the maps to change with rank and scale of each, in the order of computation
 * @param config of the adapter; names exactly these maps
 * @param start how its factors begin
 * @param evaluation units to evaluate on; none where nothing is set aside
 * @param keptCheckpoints how many of the newest stay; 0 for all
 * @param gate where the adapter acts in the rows; empty where it acts on all tokens
 */
record Prepared(
        ModelDirectory model,
        DType type,
        Device device,
        Tokenizer tokenizer,
        Optional<ChatTemplate> template,
        TrainingData data,
        BaseModel base,
        Map<LinearSite, Target> targets,
        PeftConfig config,
        Initialisation start,
        Units units,
        List<Unit> evaluation,
        TrainingOptions options,
        int keptCheckpoints,
        RunRecord.Seeds seeds,
        Optional<GateReport> gate,
        PrefixOptions prefixes,
        int threads)
        implements AutoCloseable {
    /** Steps that are looked at to find the largest. */
    private static final int LOOKED_AT = 32;

    static Prepared of(TrainOptions settings) {
        settings.prefixes.check();
        Device device = Device.parse(settings.device);
        ModelDirectory model = ModelDirectory.open(settings.model);
        DType type = ModelOptions.dtype(settings.dtype).orElse(model.storedType());
        Tokenizer tokenizer = Tokenizer.load(settings.model);
        try {
            tokenizer.checkAgainst(model.config().vocabulary());
            Optional<ChatTemplate> template = ChatTemplate.load(settings.model);
            BaseModel base = BaseModel.of(model);
            List<Target> targets = targets(base, settings.adapter);
            PeftConfig config = config(base, targets, settings, settings.gate.gate(tokenizer));
            TrainingData data = TrainingData.read(
                    settings.source(),
                    settings.data.encoder(tokenizer, template),
                    settings.data.limit(model.config().contextLength()));
            int unitTokens = settings.data.unitTokens;
            Optional<GateReport> gate = gate(config, data);
            ToIntFunction<Example> recorded = recorded(config.beside().gate(), settings.prefixes.use);
            Units units = new Units(
                    data.train().list(),
                    settings.schedule.rowsOrTokens(),
                    unitTokens,
                    settings.schedule.pace.data(),
                    recorded);
            return new Prepared(
                    model,
                    type,
                    device,
                    tokenizer,
                    template,
                    data,
                    base,
                    bySite(base, targets),
                    config,
                    settings.adapter.init,
                    units,
                    Units.all(data.validation(), unitTokens),
                    settings.schedule.options(units.stepsPerEpoch(), settings.adapter.dropout),
                    settings.schedule.pace.keepCheckpoints(),
                    new RunRecord.Seeds(settings.schedule.pace.initialisation(), settings.schedule.pace.data()),
                    gate,
                    settings.prefixes,
                    settings.threads.count());
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /** How many tokens of an example are recorded for gradients. */
    private static ToIntFunction<Example> recorded(Gate gate, PrefixUse prefixes) {
        return gate.equals(Gate.OPEN) || prefixes == PrefixUse.WHOLE
                ? Example::inputs
                : example -> example.inputsFrom(gate.over(example.reading()).firstOpen());
    }

    private static Optional<GateReport> gate(PeftConfig config, TrainingData data) {
        Gate gate = config.beside().gate();
        if (!config.beside().isGated()) {
            return Optional.empty();
        }
        GateReport.of(gate, data.validation()).requireDecided("validation", gate);
        return Optional.of(GateReport.of(gate, data.train().list()).requireOpen("training", gate));
    }

    /** Here a target that does not exist is wrong usage, not a bad adapter. */
    private static List<Target> targets(BaseModel base, AdapterOptions settings) {
        Selection selection = settings.selection();
        Ranks ranks = settings.ranks();
        List<Target> targets = targets(base, selection, ranks);
        requireClear(ranks, targets.stream().map(Target::path).toList());
        return targets;
    }

    /** Each pattern decides for some map, and their order for none. */
    private static void requireClear(Ranks ranks, List<String> paths) {
        for (String path : ranks.disputed(paths)) {
            throw InlayException.usage(
                    "patterns of different values match %s, and peft would sort them; make them exclude each other",
                    path);
        }
        for (NamePattern pattern : ranks.idle(paths)) {
            throw InlayException.usage(
                    "the pattern \"%s\" decides for none of the %d adapted maps; correct it or leave it out",
                    pattern, paths.size());
        }
    }

    private static List<Target> targets(BaseModel base, Selection selection, Ranks ranks) {
        try {
            return new ModuleMatcher(ModuleTree.of(base))
                    .match(selection, ranks)
                    .targets();
        } catch (InlayException e) {
            String nearest = e.facts().nearest();
            throw e.as(InlayException.Kind.USAGE)
                    .attempt(
                            nearest.isEmpty()
                                    ? "other --targets, --exclude, --layers or --rank"
                                    : "--targets " + nearest.replace(", ", ","));
        }
    }

    private static PeftConfig config(BaseModel base, List<Target> targets, TrainOptions settings, Gate gate) {
        List<String> paths = targets.stream().map(Target::path).toList();
        boolean transposed = targets.stream().anyMatch(t -> t.module().kind() == ModelModule.Kind.CONV1D);
        String name = settings.model.toAbsolutePath().normalize().toString();
        return new PeftConfig(
                PeftConfig.Base.languageModel(name),
                Selection.covering(paths, ModuleTree.of(base)),
                settings.adapter.ranks(),
                settings.adapter.dropout,
                transposed,
                settings.adapter.start(),
                settings.adapter.beside().with(gate));
    }

    private static Map<LinearSite, Target> bySite(BaseModel base, List<Target> targets) {
        Map<LinearSite, Target> result = new LinkedHashMap<>();
        for (LinearSite site : base.sites()) {
            targets.stream()
                    .filter(target -> target.path().equals(site.path()))
                    .forEach(target -> result.put(site, target));
        }
        return result;
    }

    /**
     * How many times less work a step is because of the gate, by operations; what a plan cannot know is how well short
     * rests of rows use the machine.
     */
    double saving() {
        if (gate.isEmpty()) {
            return 1;
        }
        SplitCost.Total cost = gate.get().cost(SplitCost.of(model.config()));
        return switch (prefixes.use) {
            case KEEP -> cost.kept(Math.max(1, (double) options.steps() / units.stepsPerEpoch()));
            case READ -> cost.split();
            case WHOLE -> 1;
        };
    }

    /** Keys and values of all beginnings, each once; 0 where none are kept. */
    long prefixBytes() {
        if (gate.isEmpty() || prefixes.use != PrefixUse.KEEP) {
            return 0;
        }
        long bytes = 2L * model.config().layers() * model.config().attention().keyValueWidth() * type.bytes();
        return bytes
                * data.train().list().stream()
                        .map(example -> Prefixes.Beginning.of(
                                example.ids(),
                                config.beside().gate().over(example.reading()).firstOpen()))
                        .distinct()
                        .mapToLong(beginning -> beginning.ids().length)
                        .sum();
    }

    /**
     * The low-rank changes as which the adapter begins; they belong to the innermost scope.
     *
     * @param seed of its factors
     */
    Adapter adapter(long seed) {
        Map<Site, LowRank> factors = new TreeMap<>();
        targets.forEach(
                (site, target) -> factors.put(site.site(), start.factors(site, target.rank(), target.scale(), seed)));
        return Adapter.of(factors).with(config.beside().gate());
    }

    /** What the run asks of the machine. */
    MemoryPlan memory() {
        Map<LinearSite, Integer> ranks = new LinkedHashMap<>();
        targets.forEach((site, target) -> ranks.put(site, target.rank()));
        Workload.Cut cut = cut(data.train().list(), units, options, threads);
        int vectors = config.beside().dora() ? 1 : 0;
        return MemoryPlan.of(new Workload(model.config(), type, ranks, vectors, cut));
    }

    /** How the work of a run is cut, as far as its first steps show. */
    static Workload.Cut cut(List<Example> examples, Units units, TrainingOptions options, int threads) {
        int rowTokens =
                Math.max(1, examples.stream().mapToInt(Example::inputs).max().orElse(1));
        int unitTokens = rowTokens;
        int unitsPerStep = 1;
        for (int i = 0; i < Math.min(LOOKED_AT, units.stepsPerEpoch()); i++) {
            Step step = units.step(i);
            unitsPerStep = Math.max(unitsPerStep, step.units().size());
            unitTokens = Math.max(
                    unitTokens,
                    step.units().stream().mapToInt(Unit::recorded).max().orElse(1));
        }
        return new Workload.Cut(unitTokens, rowTokens, unitsPerStep, threads, options.memory(), options.dropout() > 0);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
