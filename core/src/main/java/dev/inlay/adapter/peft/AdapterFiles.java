package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import dev.inlay.model.files.RegularFile;
import dev.inlay.model.files.StrictUtf8;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The files of an adapter directory, and what stands there instead of them. */
final class AdapterFiles {
    static final String CONFIG = "adapter_config.json";
    static final String WEIGHTS = "adapter_model.safetensors";
    static final String CARD = "README.md";
    private static final String PICKLE = "adapter_model.bin";
    private static final String DEFAULT = "default";
    private static final int LARGEST_CONFIG = 16 << 20;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private AdapterFiles() {}

    /** Where the adapter of that name lies: {@code default} in the root, another in the sub-directory of its name. */
    static Path directory(Path root, String name) {
        if (!NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
            throw InlayException.adapter(
                    "adapter name \"%s\" must be 1 to 64 letters, digits, dots, dashes or underscores, "
                            + "and neither \".\" nor \"..\"",
                    name.length() <= 80 ? name : name.substring(0, 80) + "...");
        }
        return name.equals(DEFAULT) ? root : root.resolve(name);
    }

    static String config(Path directory) {
        Path file = directory.resolve(CONFIG);
        if (!Files.exists(file)) {
            throw InlayException.adapter("%s has no %s%s", directory, CONFIG, instead(directory));
        }
        return AdapterError.of(() -> StrictUtf8.decode(RegularFile.read(file, LARGEST_CONFIG), file.toString()));
    }

    static Path weights(Path directory) {
        Path file = directory.resolve(WEIGHTS);
        if (Files.exists(file)) {
            return file;
        }
        if (Files.exists(directory.resolve(PICKLE))) {
            throw InlayException.adapter(
                    "%s holds %s and no %s: a pickle can run code and is never read; load it in Python and call "
                            + "save_pretrained(DIR, safe_serialization=True)",
                    directory, PICKLE, WEIGHTS);
        }
        throw InlayException.adapter("%s has no %s", directory, WEIGHTS);
    }

    private static String instead(Path directory) {
        if (!Files.isDirectory(directory)) {
            return Files.exists(directory) ? "; it is a file, not a directory" : "; there is no such directory";
        }
        if (Files.exists(directory.resolve("config.json"))) {
            return "; it looks like a model, an adapter directory is expected";
        }
        List<String> named = named(directory);
        return named.isEmpty() ? "" : "; adapters lie in its sub-directories " + String.join(", ", named);
    }

    private static List<String> named(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> Files.exists(entry.resolve(CONFIG)))
                    .map(entry -> String.valueOf(entry.getFileName()))
                    .sorted()
                    .limit(5)
                    .toList();
        } catch (IOException e) {
            throw InlayException.adapter("%s cannot be listed: %s", directory, e.getMessage())
                    .causedBy(e);
        }
    }
}
