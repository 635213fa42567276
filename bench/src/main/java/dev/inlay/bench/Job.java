package dev.inlay.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inlay.InlayException;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** A process that measures one thing and prints it as one JSON line, its last. */
final class Job {
    private Job() {}

    /**
     * The body of a job's {@code main}: reads the settings, measures, prints, ends the process.
     *
     * @param settings an interface whose methods are picocli's options
     */
    static <S> void main(Class<S> settings, String[] arguments, Function<S, Map<String, Object>> measure) {
        int exitCode = 0;
        try {
            System.out.println(json(measure.apply(parse(settings, arguments))));
        } catch (InlayException e) {
            System.err.println("error: " + e.getMessage());
            exitCode = e.kind().exitCode();
        }
        System.exit(exitCode);
    }

    static <S> S parse(Class<S> settings, String... arguments) {
        CommandLine line = new CommandLine(settings).setCaseInsensitiveEnumValuesAllowed(true);
        try {
            line.parseArgs(arguments);
        } catch (ParameterException e) {
            throw InlayException.usage("%s", e.getMessage());
        }
        return line.getCommand();
    }

    static String json(Map<String, Object> values) {
        try {
            return new ObjectMapper().writeValueAsString(values);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + values, e);
        }
    }
}
