package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.model.files.AtomicDirectory.Existing;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.model.text.bpe.BpeTrainer;
import dev.inlay.model.text.bpe.BytePairs;
import dev.inlay.model.text.bpe.ControlTokens;
import dev.inlay.model.text.bpe.TokenizerWriter;
import dev.inlay.model.text.bpe.WordCounts;
import dev.inlay.training.data.DataSource;
import dev.inlay.training.data.Row;
import dev.inlay.training.data.RowReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay tokenizer}: learns a tokenizer from text. */
@Command(
        name = "tokenizer",
        description = {
            "Learn a byte-level byte-pair tokenizer from rows of data, as Hugging Face lays it out.",
            "It has a chat template, tokens for the roles, a trigger and reserved tokens."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required
final class TokenizerCommand implements Callable<Integer> {
    private final Console console;

    @Option(
            names = "--data",
            required = true,
            split = ",",
            paramLabel = "FILE",
            description = "Files (.jsonl, .json, .txt), or directories: their train.jsonl.")
    private List<Path> data;

    @Option(
            names = "--size",
            required = true,
            paramLabel = "N",
            description = "Tokens of the vocabulary, at least 272.")
    private int size;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The directory to write.")
    private Path out;

    @Mixin
    ConfigOption config = new ConfigOption();

    TokenizerCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        WordCounts counts = new WordCounts();
        long characters = 0;
        for (Path file : data) {
            for (Row row : DataSource.read(file, new RowReader()).train().rows()) {
                for (String text : row.texts()) {
                    counts.add(text);
                    characters += text.length();
                }
            }
        }
        BytePairs learned;
        try (WorkBar bar = new WorkBar(console, "tokens", size)) {
            learned = BpeTrainer.learn(counts, size, ControlTokens.all(), bar::accept);
        }
        AtomicDirectory.write(
                out,
                Existing.REFUSE,
                directory -> TokenizerWriter.write(learned, directory),
                written -> Tokenizer.load(written).close());
        show(learned, counts, characters);
        return 0;
    }

    private void show(BytePairs learned, WordCounts counts, long characters) {
        console.result(String.format(
                Locale.ROOT,
                "learned %,d merges from %,d different words in %,d characters",
                learned.merges().size(),
                counts.size(),
                characters));
        console.result(String.format(
                Locale.ROOT, "vocabulary %,d tokens", learned.tokens().size()));
        if (learned.tokens().size() < size) {
            console.warn("the text has no more pairs: the vocabulary is smaller than the " + size + " asked for");
        }
        console.result("wrote " + out);
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        object.put("directory", out.toString());
        object.put("tokens", learned.tokens().size());
        object.put("merges", learned.merges().size());
        object.put("words", counts.size());
        object.put("characters", characters);
        console.result(object);
    }
}
