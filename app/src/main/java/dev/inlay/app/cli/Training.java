package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.InlayException.Kind;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.Decomposed;
import dev.inlay.adapter.Dora;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.peft.PeftWriter;
import dev.inlay.adapter.peft.Provenance;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.Site;
import dev.inlay.model.files.StoredType;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.training.Evaluation;
import dev.inlay.training.Parameters;
import dev.inlay.training.Prefixes;
import dev.inlay.training.Trainer;
import dev.inlay.training.run.AdapterProduct;
import dev.inlay.training.run.Checkpoints;
import dev.inlay.training.run.Probe;
import dev.inlay.training.run.RunDirectory;
import dev.inlay.training.run.RunRecord;
import dev.inlay.training.run.TrainingRun;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Runs what was prepared, and proves the result. */
record Training(Prepared prepared, Configuration configuration, Path directory, Workers workers, Console console) {
    /** Settings that change no result, and those that the record holds otherwise. */
    private static final Set<String> NO_IDENTITY = Set.of(
            "model",
            "data",
            "valid",
            "keep-checkpoints",
            "threads",
            "device",
            "prefixes",
            "prefix-files",
            "seed",
            "init-seed",
            "data-seed",
            "dropout-seed");

    /** Returns the result for programs. */
    ObjectNode run(boolean resuming) {
        RunRecord record = record();
        try (Decoder decoder = prepared.model().load(prepared.type(), prepared.device());
                RunDirectory run = resuming
                        ? RunDirectory.resume(directory, record)
                        : RunDirectory.create(directory, record, configuration.toYaml());
                Parameters parameters =
                        parameters(prepared, decoder, prepared.seeds().initialisation());
                Prefixes prefixes = prepared.prefixes().prefixes(prepared.base().fingerprint(), prepared.type());
                Trainer trainer = new Trainer(decoder, parameters, prepared.options(), workers, prefixes)) {
            RunPages.begin(directory, () -> RunPages.of(prepared));
            TrainingRun.Outcome outcome = fit(decoder, run, parameters, trainer);
            requireEnded(outcome, "inlay train --resume " + directory);
            Evaluation evaluation = new Evaluation(decoder, workers, prefixes);
            return new EndReport(prepared, decoder, evaluation, directory, outcome).show(console);
        }
    }

    private TrainingRun.Outcome fit(Decoder decoder, RunDirectory run, Parameters parameters, Trainer trainer) {
        Probe probe = Probe.of(decoder, workers, prepared.units());
        PeftWriter writer = new PeftWriter(prepared.base(), prepared.config(), provenance());
        AdapterProduct product = new AdapterProduct(parameters, writer, prepared.base());
        Checkpoints checkpoints = new Checkpoints(run, product, probe, prepared.keptCheckpoints());
        try (RunConsole display = new RunConsole(console, prepared.options().steps());
                Interruption interruption = Interruption.calls(trainer::requestStop)) {
            return new TrainingRun(trainer, checkpoints, display).fit(prepared.units(), prepared.evaluation());
        }
    }

    static void requireEnded(TrainingRun.Outcome outcome, String goOn) {
        if (outcome.status() != TrainingRun.Status.STOPPED) {
            return;
        }
        String checkpoint = outcome.result().map(path -> path + " is complete").orElse("no checkpoint yet");
        throw new InlayException(
                Kind.INTERRUPTED,
                "interrupted after step " + outcome.progress().step() + "; " + checkpoint + "; go on with: " + goOn,
                null);
    }

    /** The adapter that a seed makes, as what is trained. */
    static Parameters parameters(Prepared prepared, Decoder decoder, long seed) {
        try (Scope scope = Scope.open()) {
            Adapter start = prepared.adapter(seed);
            return Parameters.of(Parts.of(prepared.config().beside().dora() ? dora(start, decoder) : start));
        }
    }

    private static Dora dora(Adapter start, Decoder decoder) {
        SortedMap<Site, Decomposed> changes = new TreeMap<>();
        start.factors()
                .forEach((site, factor) -> changes.put(
                        site, Decomposed.of(factor, decoder.weight(site).to(Device.CPU))));
        return new Dora(changes);
    }

    private RunRecord record() {
        Map<String, Object> settings = new TreeMap<>(configuration.values());
        settings.keySet().removeAll(NO_IDENTITY);
        RunRecord.Inputs inputs = new RunRecord.Inputs(
                prepared.base().fingerprint(),
                prepared.tokenizer().sha256(),
                prepared.template().map(ChatTemplate::sha256).orElse(""),
                prepared.data().files());
        RunRecord.Machine machine = new RunRecord.Machine(prepared.device(), prepared.threads());
        return new RunRecord(prepared.options(), settings, prepared.seeds(), inputs, machine);
    }

    private Provenance provenance() {
        return new Provenance(
                Version.current(),
                prepared.config().variant(),
                String.valueOf(prepared.config().base().name()),
                StoredType.of(prepared.type()).name(),
                prepared.base().fingerprint(),
                prepared.base().text(),
                String.valueOf(directory.getFileName()));
    }
}
