package dev.inlay.app.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.inlay.InlayException;
import java.io.PrintWriter;
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

    private Inlay() {}

    public static void main(String[] arguments) {
        System.exit(run(new PrintWriter(System.out, true, UTF_8), new PrintWriter(System.err, true, UTF_8), arguments));
    }

    /** Runs one command line in this process and returns its exit code. */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        Inlay root = new Inlay();
        CommandLine line = new CommandLine(root)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(out)
                .setErr(err);
        Failures failures = new Failures(() -> root.debug, () -> root.json);
        line.setExecutionExceptionHandler(failures);
        line.setParameterExceptionHandler(failures);
        try {
            return line.execute(arguments);
        } catch (OutOfMemoryError e) {
            return failures.report(e, line.getErr());
        }
    }

    /** Without a command there is nothing to do. */
    @Override
    public void run() {
        throw InlayException.usage("a command is missing; try: inlay --help");
    }
}
