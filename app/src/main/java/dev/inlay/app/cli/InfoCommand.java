package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.engine.Scope;
import dev.inlay.model.files.AtomicFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inlay info}: what lies in a model or adapter directory. */
@Command(
        name = "info",
        description = {
            "Show what a model directory or an adapter directory holds: of an adapter, what it changes and how much.",
            "With --model, an adapter is checked against that model. Several adapters are also compared with each other."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required
final class InfoCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(
            paramLabel = "DIR",
            arity = "1..*",
            description = "Model, adapter or run directory; or several adapters.")
    private List<Path> directories;

    @Option(names = "--model", paramLabel = "DIR", description = "The model that the adapters are for.")
    private @Nullable Path model;

    @Option(
            names = "--top",
            paramLabel = "K",
            defaultValue = "4",
            description = "How many singular values of each module to show. Default: ${DEFAULT-VALUE}.")
    private int top;

    @Option(names = "--out", paramLabel = "FILE", description = "Also write the table of modules as CSV.")
    private @Nullable Path out;

    @Mixin
    ConfigOption config = new ConfigOption();

    InfoCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        InlayException.require(top >= 1, "--top must be at least 1, was %d", top);
        Path first = directories.get(0);
        if (directories.size() == 1 && !isAdapter(first) && Files.exists(first.resolve("config.json"))) {
            InlayException.require(out == null, "--out is for the changes of an adapter, and %s is a model", first);
            ModelInfo.of(first, console).show(console);
        } else {
            showAdapters();
        }
        return 0;
    }

    private static boolean isAdapter(Path directory) {
        return Files.exists(AdapterPlace.of(directory).resolve("adapter_config.json"));
    }

    private void showAdapters() {
        for (Path directory : directories) {
            if (!isAdapter(directory)) {
                throw InlayException.data(
                        "%s: expected %san adapter (adapter_config.json), found none",
                        directory, directories.size() == 1 ? "a model (config.json) or " : "");
            }
        }
        try (Scope scope = Scope.open()) {
            Map<String, AdapterInfo> infos = new LinkedHashMap<>();
            for (Path directory : directories) {
                AdapterInfo info = AdapterInfo.of(AdapterPlace.of(directory), model, console);
                infos.put(directory.toString(), info);
                info.show(console, top);
            }
            SimilarityTable similarity = SimilarityTable.of(infos);
            similarity.lines().forEach(console::result);
            console.result(json(infos, similarity));
            if (out != null) {
                AtomicFile.write(out, csv(infos).getBytes(StandardCharsets.UTF_8));
                console.note("wrote " + out);
            }
        }
    }

    private ObjectNode json(Map<String, AdapterInfo> infos, SimilarityTable similarity) {
        if (infos.size() == 1) {
            return infos.values().iterator().next().json(top);
        }
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        infos.values().forEach(info -> object.withArray("adapters").add(info.json(top)));
        similarity.addTo(object);
        return object;
    }

    private String csv(Map<String, AdapterInfo> infos) {
        StringBuilder lines = new StringBuilder(ChangesTable.csvHeader(top) + "\n");
        infos.forEach((name, info) -> new ChangesTable(info.changes(), top)
                .csv(name)
                .forEach(line -> lines.append(line).append('\n')));
        return lines.toString();
    }
}
