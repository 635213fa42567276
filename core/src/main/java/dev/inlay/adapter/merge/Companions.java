package dev.inlay.adapter.merge;

import dev.inlay.InlayException;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.model.files.RegularFile;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The files of a model directory beside its weights. Only files of known names go with the model, byte for byte: no
 * weights, no pickles, no code.
 */
final class Companions {
    private static final String CONFIG = "config.json";
    private static final String TEMPLATES = "additional_chat_templates";
    private static final List<String> KNOWN = List.of(
            CONFIG,
            "generation_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "tokenizer.model",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.json",
            "merges.txt",
            "chat_template.jinja",
            "chat_template.json",
            "LICENSE",
            "LICENSE.txt",
            "LICENSE.md",
            "NOTICE");

    private final Path from;

    Companions(Path from) {
        this.from = from;
    }

    /** Copies what is there; keys of {@code config} replace those of config.json, which is else left as it is. */
    void copyTo(Path to, Map<String, Object> config) throws IOException {
        for (String name : KNOWN) {
            if (Files.exists(from.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
                copy(Path.of(name), to);
            }
        }
        copyTemplates(to);
        if (!config.isEmpty()) {
            JsonObject old = Json.readObject(from.resolve(CONFIG));
            Map<String, Object> changed = new LinkedHashMap<>();
            old.keys().forEach(key -> changed.put(key, old.get(key)));
            changed.putAll(config);
            Json.write(to.resolve(CONFIG), changed);
        }
    }

    private void copyTemplates(Path to) throws IOException {
        if (!Files.isDirectory(from.resolve(TEMPLATES), LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.createDirectory(to.resolve(TEMPLATES));
        try (Stream<Path> entries = Files.list(from.resolve(TEMPLATES))) {
            for (Path entry : (Iterable<Path>) entries.sorted()::iterator) {
                if (entry.toString().endsWith(".jinja")) {
                    copy(from.relativize(entry), to);
                }
            }
        }
    }

    private void copy(Path name, Path to) throws IOException {
        Path file = from.resolve(name);
        // A link in a directory from a stranger could carry a private file into a model that is then published.
        if (Files.isSymbolicLink(file) && !file.toRealPath().startsWith(from.toRealPath())) {
            throw InlayException.data(
                    "%s: is a link that leads out of the directory; copy the file itself (cp -L)", file);
        }
        try (FileChannel channel = RegularFile.open(file)) {
            Files.copy(Channels.newInputStream(channel), to.resolve(name));
        }
    }
}
