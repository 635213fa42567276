package dev.inlay.app.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.inlay.InlayException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * {@code inlay}: the root of all commands.
 *
 * <p>Results go to standard output, everything else to standard error. The exit code is 0 when a command is done and
 * verified, else the one of {@link InlayException.Kind}.
 */
@Command(
        name = "inlay",
        description = "Low-rank adaptation (LoRA) of language models on the JVM.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false,
        scope = ScopeType.INHERIT)
public final class Inlay implements Runnable {
    @Option(names = "--debug", description = "On failure print the stack trace, too.", scope = ScopeType.INHERIT)
    private boolean debug;

    @Option(
            names = "--json",
            description = "Print results and errors as JSON, one object per line.",
            scope = ScopeType.INHERIT)
    private boolean json;

    @Option(
            names = "--quiet",
            description = "Print nothing but results, warnings and errors.",
            scope = ScopeType.INHERIT)
    private boolean quiet;

    @Option(
            names = "--no-color",
            description = "Mark results with signs instead of colours, as where the variable NO_COLOR is set.",
            scope = ScopeType.INHERIT)
    private boolean noColor;

    private Inlay() {}

    public static void main(String[] arguments) {
        PrintWriter err = new PrintWriter(System.err, true, UTF_8);
        Interruption.handled(err, List.of(arguments).contains("--json"));
        int code = run(new PrintWriter(System.out, true, UTF_8), err, arguments);
        Interruption.commandEnded(code);
        System.exit(code);
    }

    /** Runs one command line in this process and returns its exit code. */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        Inlay root = new Inlay();
        Console console = new Console(out, err, () -> root.json, () -> root.quiet, () -> root.noColor);
        CommandLine line = new CommandLine(root)
                .addSubcommand(new QuickstartCommand(console))
                .addSubcommand(new TrainCommand(console))
                .addSubcommand(new TuneCommand(console))
                .addSubcommand(new PlanCommand(console))
                .addSubcommand(new CheckMaskCommand(console))
                .addSubcommand(new PretrainCommand(console))
                .addSubcommand(new GenerateCommand(console))
                .addSubcommand(new ChatCommand(console))
                .addSubcommand(new EvaluateCommand(console))
                .addSubcommand(new MergeCommand(console))
                .addSubcommand(new CombineCommand(console))
                .addSubcommand(new LogitsCommand(console))
                .addSubcommand(new InfoCommand(console))
                .addSubcommand(new ReportCommand(console))
                .addSubcommand(new CheckCommand(console))
                .addSubcommand(new ConvertCommand(console))
                .addSubcommand("world", WorldCommand.line(console))
                .addSubcommand(new MaskKeysCommand(console))
                .addSubcommand(new MaskTermsCommand(console))
                .addSubcommand(new PersonalityCommand(console))
                .addSubcommand(new TokenizerCommand(console))
                .addSubcommand(DynamicsCommand.line(console))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(out)
                .setErr(err);
        List<String> words = List.of(arguments);
        Failures failures = new Failures(
                () -> root.debug || words.contains("--debug"), () -> root.json || words.contains("--json"));
        line.setExecutionExceptionHandler(failures);
        line.setParameterExceptionHandler(failures);
        try {
            configure(line, arguments);
            return line.execute(arguments);
        } catch (InlayException | OutOfMemoryError e) {
            return failures.report(e, line.getErr());
        }
    }

    /** The file of {@code --config} stands between the command line and the defaults, so it is read before either. */
    private static void configure(CommandLine line, String... arguments) {
        Optional<Path> file = ConfigFile.named(arguments);
        if (file.isPresent()) {
            CommandLine command = line;
            for (String argument : arguments) {
                command = command.getSubcommands().getOrDefault(argument, command);
            }
            if (!command.equals(line)) {
                command.setDefaultValueProvider(ConfigFile.read(file.get(), command));
            }
        }
    }

    /** Without a command there is nothing to do. */
    @Override
    public void run() {
        throw InlayException.usage("a command is missing; try: inlay --help");
    }
}
