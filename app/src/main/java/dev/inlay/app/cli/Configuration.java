package dev.inlay.app.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The resolved settings of a command: the value of every flag, from the command line, the file or its default. Written as
 * YAML it is a {@link ConfigFile} that gives the same settings again.
 *
 * <p>Paths are absolute, so that the file serves in every directory.
 *
 * @param values by name of the flag, in the order of the help; flags without a value are left out
 */
record Configuration(Map<String, Object> values) {
    /** Flags that say how to run or to show a command, not what it computes. */
    private static final Set<String> NOT_SETTINGS =
            Set.of("help", "version", "config", "json", "debug", "quiet", "no-color", "dry-run", "resume");

    /** Settings that name the result: a file that gives a run again must not name the run that is there. */
    private static final Set<String> NOT_WRITTEN = Set.of("name", "out");

    /** The settings of a command whose line has been parsed. */
    static Configuration of(CommandSpec command) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (OptionSpec option : command.options()) {
            if (isKey(command, key(option)) && !NOT_WRITTEN.contains(key(option))) {
                plain(option.getValue()).ifPresent(value -> values.put(key(option), value));
            }
        }
        return new Configuration(values);
    }

    /** Name of a flag in the file. */
    static String key(OptionSpec option) {
        return option.longestName().replaceFirst("^-+", "");
    }

    /** Whether a name is that of a setting of a command. */
    static boolean isKey(CommandSpec command, String name) {
        return !NOT_SETTINGS.contains(name) && command.findOption("--" + name) != null;
    }

    private static Optional<Object> plain(@Nullable Object value) {
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof Collection<?> several) {
            List<Object> list = new ArrayList<>();
            several.forEach(each -> plain(each).ifPresent(list::add));
            return list.isEmpty() ? Optional.empty() : Optional.of(list);
        }
        if (value instanceof Enum<?> name) {
            return Optional.of(name.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
        if (value instanceof Path path) {
            return Optional.of(path.toAbsolutePath().normalize().toString());
        }
        return Optional.of(value instanceof Number || value instanceof Boolean ? value : value.toString());
    }

    /** The file's lines in a frame. */
    List<String> box() {
        List<String> lines = toYaml().lines().toList();
        int width = lines.stream().mapToInt(String::length).max().orElse(0);
        String edge = "  +" + "-".repeat(width + 2) + "+";
        List<String> box = new ArrayList<>(List.of(edge));
        lines.forEach(text -> box.add(String.format(Locale.ROOT, "  | %-" + width + "s |", text)));
        box.add(edge);
        return box;
    }

    /** The file's text. */
    String toYaml() {
        YAMLFactory format = YAMLFactory.builder()
                .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                .build();
        try {
            return new ObjectMapper(format).writeValueAsString(values);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("plain values have a YAML form", e);
        }
    }
}
