package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.AdapterSummary;
import dev.inlay.adapter.LogitDifference;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.Probe;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.app.report.RunReport;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.model.Decoder;
import dev.inlay.training.Evaluation;
import dev.inlay.training.Progress;
import dev.inlay.training.run.TrainingRun;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What came of a run, after the adapter was read again from disk and proved to change the model.
 *
 * @param evaluation as the run evaluated
 */
record EndReport(
        Prepared prepared, Decoder decoder, Evaluation evaluation, Path directory, TrainingRun.Outcome outcome) {
    /** The key of the adapter's directory in the result. */
    static final String ADAPTER = "adapter";

    /**
     * How far losses with the written adapter and with the one in memory may lie apart, as a share: the bits are the same,
     * but beginnings of rows that were read beside other rows (after a resume, or where memory keeps only some) differ in
     * their last ones, which a half type has earlier.
     */
    private static final double SAME = 1e-6;

    private static final double SAME_IN_HALF = 1e-4;

    /** @param after with the adapter that was read again */
    private record Validation(double before, double after) {}

    /** Shows it, writes the run's page and returns the result for programs. */
    ObjectNode show(Console console) {
        Path written = outcome.result().orElseThrow(() -> new IllegalStateException("a run that ended has an adapter"));
        try (Scope scope = Scope.open()) {
            Parts parts = PeftDirectory.read(written, prepared.base(), Set.of()).parts();
            LogitDifference effect = Probe.of(decoder.config()).requireEffect(decoder, parts);
            AdapterSummary summary = AdapterSummary.of(
                    Adapter.of(parts.factors()),
                    site -> decoder.weight(site).to(Device.CPU).norm());
            if (parts.plain().isPresent()) {
                summary.unchanged()
                        .forEach(site -> console.warn("the adapter changes nothing at " + site + ": a factor is zero"));
            }
            Optional<Validation> validation = validation(parts);
            Optional<NonInterference> alone = prepared.gate()
                    .map(report -> NonInterference.of(
                            decoder,
                            prepared.data().train().list(),
                            prepared.config().beside().gate(),
                            parts.on(decoder)));
            ObjectNode result = json(written, effect, validation);
            alone.ifPresent(proof -> result.put("certified_tokens", proof.tokens()));
            RunPages.end(result, directory, console);
            text(console, written, effect, summary, validation);
            alone.ifPresent(proof -> line(console, "interference", proof.toString()));
            warnings(console);
            return result;
        }
    }

    private Optional<Validation> validation(Parts parts) {
        if (prepared.evaluation().isEmpty()) {
            return Optional.empty();
        }
        double before = evaluation.of(prepared.evaluation(), List.of()).loss();
        double after = evaluation.of(prepared.evaluation(), parts.on(decoder)).loss();
        double best = outcome.progress().bestLoss();
        double same = decoder.dtype().isHalf() ? SAME_IN_HALF : SAME;
        if (!(Math.abs(after - best) <= same * best)) {
            throw InlayException.adapter(
                    "the adapter read again has the validation loss %s, in training it was %s; check the disk",
                    after, best);
        }
        return Optional.of(new Validation(before, after));
    }

    private void text(
            Console console,
            Path written,
            LogitDifference effect,
            AdapterSummary summary,
            Optional<Validation> validation) {
        Progress progress = outcome.progress();
        console.result(outcome.status() == TrainingRun.Status.EARLY ? "Done, early" : "Done");
        line(
                console,
                "final loss",
                String.format(
                        Locale.ROOT,
                        "%.4f after %,d steps, %,d tokens",
                        progress.lastLoss(),
                        progress.step(),
                        progress.tokens()));
        validation.ifPresent(loss -> line(
                console,
                "validation",
                String.format(
                        Locale.ROOT,
                        "best loss %.4f at step %d; %.4f without the adapter",
                        loss.after(),
                        progress.bestStep(),
                        loss.before())));
        int modules = summary.sites().size();
        line(
                console,
                "re-loaded",
                String.format(
                        Locale.ROOT,
                        "%d/%d modules, max norm Delta W / W = %.3g (%s)",
                        modules - summary.unchanged().size(),
                        modules,
                        summary.largest().relative(),
                        summary.largest().site()));
        line(console, "logits", "changed by " + effect);
        outcome.base().ifPresent(checksum -> line(console, "base", "untouched: " + checksum + " before and after"));
        line(console, "files", written + ", and run.json, config.yaml, metrics.jsonl in " + directory);
        line(console, "report", String.valueOf(directory.resolve(RunReport.FILE)));
    }

    private static void warnings(Console console) {
        if (!console.warnings().isEmpty()) {
            line(console, "warnings", String.valueOf(console.warnings().size()));
            console.warnings().forEach((message, count) -> console.result("    " + count + " x " + message));
        }
    }

    private ObjectNode json(Path written, LogitDifference effect, Optional<Validation> validation) {
        Progress progress = outcome.progress();
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        object.put("run", directory.toString());
        object.put(ADAPTER, written.toString());
        object.put("status", outcome.status().name().toLowerCase(Locale.ROOT));
        object.put("steps", progress.step());
        object.put("loss", progress.lastLoss());
        validation.ifPresent(loss -> {
            object.put("validation_loss", loss.after());
            object.put("base_validation_loss", loss.before());
            object.put("best_step", progress.bestStep());
        });
        object.put("logits_changed_max", effect.largest());
        object.put("logits_changed_kl", effect.divergence());
        outcome.base().ifPresent(checksum -> object.put("base_checksum", checksum));
        return object;
    }

    private static void line(Console console, String name, String value) {
        console.result(String.format(Locale.ROOT, "  %-12s %s", name, value));
    }
}
