package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.app.experiments.dynamics.Design;
import dev.inlay.app.experiments.dynamics.Presets;
import dev.inlay.app.experiments.dynamics.Setting;
import dev.inlay.app.experiments.dynamics.SimulationRun;
import dev.inlay.app.experiments.dynamics.Variable;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inlay dynamics preset}: the published simulations by name. */
@Command(
        name = "preset",
        description = {
            "Without a name: list the published simulations. With a name and no --out: show its settings. With --out: run",
            "it. Any flag of a setting replaces the preset's value."
        })
final class DynamicsPresetCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "Name of the preset.")
    private @Nullable String name;

    @Option(
            names = "--variant",
            paramLabel = "NAME",
            defaultValue = "exact",
            description = "exact, or paper: steps as published. Default: ${DEFAULT-VALUE}.")
    private String variant = "exact";

    @Option(names = "--out", paramLabel = "DIR", description = "The directory to write.")
    private @Nullable Path out;

    @Mixin
    DynamicsOptions options = new DynamicsOptions();

    @Mixin
    ConfigOption config = new ConfigOption();

    DynamicsPresetCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (name == null) {
            ObjectNode object = JsonMapper.builder().build().createObjectNode();
            Presets.named().forEach((each, preset) -> {
                console.result(String.format(Locale.ROOT, "  %-24s %s", each, preset.shows()));
                object.put(each, preset.shows());
            });
            console.result(object);
            return 0;
        }
        Map<String, String> texts = new LinkedHashMap<>(Presets.texts(name, variant));
        texts.putAll(options.texts());
        Presets.Preset preset = Presets.named().get(name);
        if (preset == null) {
            throw InlayException.usage("unknown preset \"%s\"", name);
        }
        if (out == null) {
            ObjectNode object = JsonMapper.builder().build().createObjectNode();
            texts.forEach((key, text) -> {
                console.result(key + ": " + text);
                object.put(key, text);
            });
            preset.grid().forEach(each -> console.result("vary: " + each));
            console.result(object);
            return 0;
        }
        if (preset.grid().isEmpty()) {
            DynamicsCommand.show(console, SimulationRun.write(out, Setting.of(texts)));
            console.result("wrote " + out + "; look at " + out.resolve("report.html"));
            console.result(DynamicsCommand.result(out));
        } else {
            DynamicsSweepCommand.run(
                    console,
                    out,
                    new Design(
                            texts, preset.grid().stream().map(Variable::parse).toList(), 0, 0));
        }
        return 0;
    }
}
