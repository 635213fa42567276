package dev.inlay.app.cli;

import dev.inlay.InlayException;
import dev.inlay.adapter.exchange.AdapterCheck;
import dev.inlay.adapter.exchange.Consumer;
import dev.inlay.adapter.exchange.Objection;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.model.ModelDirectory;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inlay check}: whether an adapter fits a model, does something, and is accepted elsewhere. */
@Command(
        name = "check",
        description = {
            "Check an adapter against its model: strict reading, origin, effect on weights and logits.",
            "All problems are listed. The exit code is 0 only if the adapter can be loaded and changes the logits, and,"
                    + " with --for, if that consumer computes what it means."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required
final class CheckCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "ADAPTER", description = "Adapter directory (PEFT), or a run directory: its best adapter.")
    private Path adapter;

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory (Hugging Face).")
    private Path model;

    @Option(
            names = "--for",
            paramLabel = "WHO",
            description = "Also say what this consumer rejects or ignores: peft, vllm or llama.cpp.")
    private @Nullable String consumer;

    @Mixin
    private AllowOption allow = new AllowOption();

    @Mixin
    ConfigOption config = new ConfigOption();

    CheckCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Consumer asked = consumer == null ? null : Consumer.named(consumer);
        Path place = AdapterPlace.of(adapter);
        ModelDirectory directory = ModelDirectory.open(model);
        directory.notes().forEach(console::warn);
        AdapterCheck check = AdapterCheck.of(place, directory, allow.set());
        check.notes().forEach(console::warn);
        List<Objection> objections = asked == null ? List.of() : asked.objections(place, BaseModel.of(directory));
        CheckResult result = new CheckResult(place, check, asked, objections);
        result.show(console);
        return result.isGood() ? 0 : InlayException.Kind.ADAPTER.exitCode();
    }
}
