package dev.inlay.training.data;

import dev.inlay.InlayException;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.model.files.RegularFile;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.function.ObjIntConsumer;

/** Files of one JSON object a line, as {@link RowReader} reads them, of other things than rows. */
public final class JsonLines {
    private JsonLines() {}

    /**
     * Reads a file to its end; blank lines are passed over.
     *
     * @param each takes the object of a line and the line's number, from 1
     * @throws InlayException naming file and line, if one is no object
     */
    public static void read(Path file, ObjIntConsumer<JsonObject> each) {
        try (FileChannel channel = RegularFile.open(file);
                Utf8Reader characters = new Utf8Reader(file.toString(), Channels.newInputStream(channel))) {
            Lines lines = new Lines(file.toString(), characters, RowReader.LINE_CAP);
            for (String line = lines.next(); line != null; line = lines.next()) {
                if (!line.isBlank()) {
                    each.accept(Json.parseObject(line, file + " line " + lines.number()), lines.number());
                }
            }
        } catch (IOException e) {
            throw InlayException.data("%s: cannot be read: %s", file, e.getMessage())
                    .causedBy(e);
        }
    }
}
