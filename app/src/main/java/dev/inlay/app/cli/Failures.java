package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.InlayException.Kind;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What people see when a command fails: one line on standard error, and an exit code.
 *
 * <p>For people {@code error: <message>}; with {@code --json}
 * {@code {"event":"error","kind":"data","exit":3,"message":"..."}} and, where they are known, {@code expected},
 * {@code found}, {@code nearest} and {@code try}. The stack trace follows with {@code --debug} only.
 * A failure that is not an {@link InlayException} is a bug of ours: its trace is kept in a file that the line names.
 */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private final BooleanSupplier debug;
    private final BooleanSupplier json;

    Failures(BooleanSupplier debug, BooleanSupplier json) {
        this.debug = debug;
        this.json = json;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine line, ParseResult parsed) {
        return report(failure, line.getErr());
    }

    /** The options may not have been read when the command line itself is wrong, so they are looked for in the words. */
    @Override
    public int handleParseException(ParameterException failure, String[] arguments) {
        CommandLine line = failure.getCommandLine();
        List<String> words = List.of(arguments);
        InlayException usage = InlayException.usage("%s", failure.getMessage())
                .causedBy(failure)
                .found(
                        failure instanceof UnmatchedArgumentException other
                                ? String.join(" ", other.getUnmatched())
                                : "")
                .nearest(nearest(failure))
                .attempt(line.getCommandSpec().qualifiedName() + " --help");
        return print(usage, line.getErr(), words.contains("--json"), words.contains("--debug"));
    }

    int report(Throwable failure, PrintWriter err) {
        return print(failure, err, json.getAsBoolean(), debug.getAsBoolean());
    }

    private static int print(Throwable failure, PrintWriter err, boolean json, boolean debug) {
        InlayException known = known(failure);
        err.println(shown(known, json));
        if (debug) {
            failure.printStackTrace(err);
        }
        err.flush();
        return known.kind().exitCode();
    }

    private static List<String> nearest(ParameterException failure) {
        return failure instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
    }

    /** The line for people or for programs. */
    static String shown(InlayException failure, boolean json) {
        return json ? asJson(failure) : "error: " + failure.getMessage();
    }

    private static InlayException known(Throwable failure) {
        if (failure instanceof InlayException known) {
            return known;
        }
        if (failure instanceof OutOfMemoryError) {
            return InlayException.memory(
                    "the Java heap is full (%s); give it more with INLAY_JAVA_OPTS=-Xmx...", failure);
        }
        return new InlayException(Kind.FAULT, fault(failure), failure);
    }

    private static String fault(Throwable failure) {
        try {
            Path file = Files.createTempFile("inlay-fault-", ".txt");
            Files.writeString(file, "inlay " + Version.current() + "\n" + trace(failure));
            return "a bug of Inlay, " + failure.getClass().getSimpleName() + "; the report is in " + file;
        } catch (IOException e) {
            return "a bug of Inlay, " + failure.getClass().getSimpleName() + "; run again with --debug for the report";
        }
    }

    private static String trace(Throwable failure) {
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace, true));
        return trace.toString();
    }

    private static String asJson(InlayException failure) {
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        object.put("event", "error");
        object.put("kind", failure.kind().name().toLowerCase(Locale.ROOT));
        object.put("exit", failure.kind().exitCode());
        object.put("message", failure.getMessage());
        InlayException.Facts facts = failure.facts();
        put(object, "expected", facts.expected());
        put(object, "found", facts.found());
        put(object, "nearest", facts.nearest());
        put(object, "try", facts.attempt());
        return object.toString();
    }

    private static void put(ObjectNode object, String name, String fact) {
        if (!fact.isEmpty()) {
            object.put(name, fact);
        }
    }
}
