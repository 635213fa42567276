package dev.inlay.app.cli;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.inlay.InlayException;
import dev.inlay.model.files.RegularFile;
import dev.inlay.model.files.StrictUtf8;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The file of {@code --config}: one YAML mapping from names of flags, without their dashes, to values; a list stands for
 * values separated by commas. A flag on the command line wins over the file, the file over the default. An unknown key,
 * a key that occurs twice or a nested value is an error.
 */
final class ConfigFile implements IDefaultValueProvider {
    private static final int LIMIT = 1 << 20;

    private final Map<String, String> values;

    private ConfigFile(Map<String, String> values) {
        this.values = values;
    }

    /** The file that a command line names, or else that of the run that is to be resumed. */
    static Optional<Path> named(String... arguments) {
        return value("--config", arguments)
                .or(() -> value("--resume", arguments).map(run -> run.resolve("config.yaml")));
    }

    private static Optional<Path> value(String flag, String... arguments) {
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].startsWith(flag + "=")) {
                return Optional.of(Path.of(arguments[i].substring(flag.length() + 1)));
            }
            if (arguments[i].equals(flag) && i + 1 < arguments.length) {
                return Optional.of(Path.of(arguments[i + 1]));
            }
        }
        return Optional.empty();
    }

    /** Reads a file for a command, whose flags are the only keys. */
    static ConfigFile read(Path file, CommandLine command) {
        Map<String, String> values = new LinkedHashMap<>();
        JsonNode root = parse(file);
        root.properties().forEach(entry -> {
            String key = entry.getKey();
            if (!Configuration.isKey(command.getCommandSpec(), key)) {
                throw unknown(file, key, command);
            }
            OptionSpec option = command.getCommandSpec().findOption("--" + key);
            value(file, option, entry.getValue()).ifPresent(value -> values.put(key, value));
        });
        return new ConfigFile(values);
    }

    private static JsonNode parse(Path file) {
        ObjectMapper yaml = new ObjectMapper(YAMLFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build());
        try {
            JsonNode root = yaml.readTree(StrictUtf8.decode(RegularFile.read(file, LIMIT), file.toString()));
            if (!root.isObject()) {
                throw InlayException.usage("%s: expected lines of the form \"rank: 16\"", file);
            }
            return root;
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            String reason = e.getOriginalMessage().lines().findFirst().orElse("");
            throw InlayException.usage("%s line %d: not valid YAML: %s", file, line, reason)
                    .causedBy(e);
        }
    }

    private static Optional<String> value(Path file, OptionSpec option, JsonNode value) {
        if (value.isNull()) {
            return Optional.empty();
        }
        if (value.isValueNode()) {
            return Optional.of(value.asText());
        }
        boolean isList = StreamSupport.stream(value.spliterator(), false).allMatch(JsonNode::isValueNode);
        if (!value.isArray() || !isList || option.splitRegex().isEmpty()) {
            throw InlayException.usage(
                    "%s: %s must be a single value%s",
                    file, Configuration.key(option), option.splitRegex().isEmpty() ? "" : " or a list of values");
        }
        return Optional.of(StreamSupport.stream(value.spliterator(), false)
                .map(JsonNode::asText)
                .collect(joining(option.splitRegex())));
    }

    private static InlayException unknown(Path file, String key, CommandLine command) {
        List<String> near = new UnmatchedArgumentException(command, List.of("--" + key)).getSuggestions();
        List<String> nearest = near.stream()
                .filter(name -> name.startsWith("--"))
                .map(name -> name.substring(2))
                .filter(name -> Configuration.isKey(command.getCommandSpec(), name))
                .limit(3)
                .toList();
        return InlayException.usage("%s: unknown key \"%s\"; the keys are the names of the flags", file, key)
                .found(key)
                .nearest(nearest)
                .attempt(command.getCommandSpec().qualifiedName() + " --help");
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        return argument instanceof OptionSpec option ? values.get(Configuration.key(option)) : null;
    }
}
