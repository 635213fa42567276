package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.adapter.peft.AdaptedModel;
import dev.inlay.engine.Workers;
import dev.inlay.model.LogitsFile;
import dev.inlay.model.files.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay logits}: writes the logits of token sequences, for comparing with other tools. */
@Command(
        name = "logits",
        description = {
            "Write the logits of token sequences to a safetensors file, for comparing with other tools.",
            "The file holds logits F32 [batch, seq, vocab], zeros after the end of shorter rows, and lengths I64 [batch]."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required
final class LogitsCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    ConfigOption config = new ConfigOption();

    @Option(
            names = "--tokens",
            required = true,
            paramLabel = "FILE",
            description = "JSON file, a list of rows, each a list of token ids: [[1, 403], [1, 7, 9]].")
    private Path tokens;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "The safetensors file to write.")
    private Path out;

    @Mixin
    private ThreadOption threads = new ThreadOption();

    LogitsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        List<int[]> rows = rows();
        try (AdaptedModel loaded = model.load(console);
                Workers workers = threads.workers()) {
            LogitsFile.write(out, loaded.decoder(), rows, AdapterUse.all(model.adapters(), loaded), workers);
            int longest = rows.stream().mapToInt(row -> row.length).max().orElse(0);
            int vocabulary = loaded.decoder().config().vocabulary();
            console.result(String.format("%s: logits [%d, %d, %d]", out, rows.size(), longest, vocabulary));
            ObjectNode object = JsonMapper.builder().build().createObjectNode();
            object.put("file", out.toString());
            object.putArray("shape").add(rows.size()).add(longest).add(vocabulary);
            console.result(object);
        }
        return 0;
    }

    private List<int[]> rows() {
        JsonNode root = Json.read(tokens);
        if (!root.isArray() || root.isEmpty()) {
            throw InlayException.data("%s: expected a list of rows of token ids, such as [[1, 403], [1, 7]]", tokens);
        }
        List<int[]> rows = new ArrayList<>();
        for (JsonNode row : root) {
            if (!row.isArray() || row.isEmpty()) {
                throw InlayException.data("%s: row %d is no list of token ids", tokens, rows.size());
            }
            int[] ids = new int[row.size()];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = id(row.get(i), rows.size(), i);
            }
            rows.add(ids);
        }
        return rows;
    }

    private int id(JsonNode value, int row, int place) {
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw InlayException.data("%s: place %d of row %d is no token id", tokens, place, row);
        }
        return value.intValue();
    }
}
