package dev.inlay.app.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.inlay.InlayException;
import dev.inlay.model.files.AtomicFile;
import dev.inlay.model.files.RegularFile;
import dev.inlay.model.text.Message;
import dev.inlay.training.data.Dataset;
import dev.inlay.training.data.Row;
import dev.inlay.training.data.RowReader;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A conversation as a file of one row, {@code {"messages": [...]}}: the form that {@code train} reads. */
final class Transcript {
    private static final int LIMIT = 64 << 20;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Transcript() {}

    /** Writes a file; another one is never replaced. */
    static void save(Path file, List<Message> messages) {
        InlayException.require(
                file.toString().endsWith(".jsonl"), "the file of a conversation ends in .jsonl, not as in %s", file);
        InlayException.require(!Files.exists(file), "%s is there already; choose another name", file);
        InlayException.require(!messages.isEmpty(), "the conversation has no turn to save yet");
        List<Map<String, ?>> turns =
                messages.stream().<Map<String, ?>>map(Message::fields).toList();
        try {
            String line = JSON.writeValueAsString(Map.of("messages", turns)) + "\n";
            AtomicFile.write(file, line.getBytes(StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("turns have a JSON form", e);
        }
    }

    static List<Message> load(Path file) {
        byte[] bytes = RegularFile.read(file, LIMIT);
        Dataset data = new RowReader().read(file.toString(), new ByteArrayInputStream(bytes));
        if (data.size() != 1 || !(data.rows().get(0) instanceof Row.ChatRow row)) {
            throw InlayException.data(
                    "%s: expected one row of messages, found %d rows; keep one conversation in a file",
                    file, data.size());
        }
        if (!row.conversation().tools().isEmpty()) {
            throw InlayException.data("%s: has tools, which chat cannot call; remove them", file);
        }
        return row.conversation().messages();
    }
}
