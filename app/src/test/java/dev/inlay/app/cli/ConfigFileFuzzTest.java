package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.InlayException;
import dev.inlay.InlayException.Kind;
import dev.inlay.fuzz.Fuzzer;
import dev.inlay.fuzz.Seed;
import dev.inlay.fuzz.Target;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Damaged files of {@code --config}: settings, or wrong usage by name. */
class ConfigFileFuzzTest {
    private static final String FILE = "config.yaml";
    private static final int MUTANTS = Integer.getInteger("inlay.fuzz.mutants", 2000);
    private static final List<Seed> SEEDS = List.of(Seed.of(FILE, """
                    model: "/models/tiny"
                    data: "rows.jsonl"
                    rank: 8
                    alpha: 16.5
                    rslora: true
                    dropout: "0.05"
                    targets: q_proj,v_proj
                    layers: 0-3,7
                    learning-rate: "1e-3"
                    steps: 100 # enough
                    recompute: false
                    """), Seed.of(FILE, """
                    ---
                    {model: a, data: 'b', rank: 0x10, targets: "v_proj", steps: ~, dtype: float32}
                    """));

    @TempDir
    Path workshop;

    @Test
    void onlyNamedErrorsComeOut() {
        Target target = new Target("yaml", Set.of(Kind.USAGE, Kind.DATA), SEEDS, ConfigFileFuzzTest::read);
        Fuzzer fuzzer = new Fuzzer(target, Integer.getInteger("inlay.fuzz.seed", 1), workshop);
        fuzzer.readSeeds();
        Fuzzer.Report report = fuzzer.run(0, MUTANTS, number -> {});
        assertThat(report.accepted()).isPositive().isLessThan(MUTANTS);
    }

    private static void read(Path directory) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        CommandLine command = new CommandLine(
                        new TrainCommand(new Console(nowhere, nowhere, () -> false, () -> false, () -> false)))
                .setCaseInsensitiveEnumValuesAllowed(true);
        Path file = directory.resolve(FILE);
        command.setDefaultValueProvider(ConfigFile.read(file, command));
        try {
            command.parseArgs();
        } catch (ParameterException e) {
            // The command line reports it in these words and knows no file.
            throw InlayException.usage("%s: %s", file, e.getMessage());
        }
    }
}
