package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.OneLine;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Where a command prints: results to standard output, everything else to standard error.
 *
 * <p>With {@code --json} the result is one JSON object on one line. With {@code --quiet} nothing but results, warnings and
 * errors is printed. A warning is printed once, and counted when it comes again.
 */
final class Console {
    private final PrintWriter out;
    private final PrintWriter err;
    private final BooleanSupplier json;
    private final BooleanSupplier quiet;
    private final BooleanSupplier plain;
    private final Map<String, Integer> warnings = new LinkedHashMap<>();

    /** @param plain whether colours are unwanted */
    Console(PrintWriter out, PrintWriter err, BooleanSupplier json, BooleanSupplier quiet, BooleanSupplier plain) {
        this.out = out;
        this.err = err;
        this.json = json;
        this.quiet = quiet;
        this.plain = plain;
    }

    /** Whether results are to be JSON. */
    boolean isJson() {
        return json.getAsBoolean();
    }

    boolean isQuiet() {
        return quiet.getAsBoolean();
    }

    /** Whether standard error is a terminal, which Java cannot tell and the launcher does. */
    static boolean isTerminal() {
        return Boolean.getBoolean("inlay.terminal");
    }

    /** Whether standard input is a keyboard. */
    static boolean isTyped() {
        return Boolean.getBoolean("inlay.terminal.in");
    }

    /** Whether standard output is a screen. */
    static boolean isShown() {
        return Boolean.getBoolean("inlay.terminal.out");
    }

    /** Whether results are shown in colours: on a terminal, unless the user says no (see no-color.org). */
    boolean isColoured() {
        String refused = System.getenv("NO_COLOR");
        return isShown() && !plain.getAsBoolean() && (refused == null || refused.isEmpty());
    }

    /** A line of a result for people; left out where JSON is asked for. */
    void result(String line) {
        if (!isJson()) {
            out.println(line);
        }
    }

    /** Part of a result that grows, shown at once. */
    void piece(String text) {
        out.print(text);
        out.flush();
    }

    /** The whole result for programs; left out where text is asked for. */
    void result(JsonNode object) {
        if (isJson()) {
            out.println(object);
        }
    }

    /** Says what happens; not a result. */
    void note(String line) {
        if (!isQuiet()) {
            err.println(line);
        }
    }

    /** Asks for a line. */
    void ask(String prompt) {
        if (!isQuiet()) {
            err.print(prompt);
            err.flush();
        }
    }

    /** A failure that does not end the command. */
    void failure(InlayException failure) {
        err.println(Failures.shown(failure, isJson()));
    }

    /** Says what the user asked for beside the result, also when quiet. */
    void tell(String line) {
        err.println(line);
    }

    /** Something a user should know or mend. */
    void warn(String message) {
        if (warnings.merge(message, 1, Integer::sum) == 1) {
            err.println("warning: " + OneLine.of(message));
        }
    }

    /** Warnings so far and how often each came. */
    Map<String, Integer> warnings() {
        return warnings;
    }
}
