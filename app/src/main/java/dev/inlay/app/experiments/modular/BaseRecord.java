package dev.inlay.app.experiments.modular;

import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import java.nio.file.Path;
import java.util.Map;

/**
 * What pre-training came to.
 *
 * @param epochs trained
 * @param accuracy of addition over all pairs at their end
 */
record BaseRecord(int epochs, double accuracy) {
    void write(Path file) {
        Json.write(file, Map.of("epochs", epochs, "accuracy", accuracy));
    }

    static BaseRecord read(Path file) {
        JsonObject json = Json.readObject(file);
        return new BaseRecord((int) json.integer("epochs", 0, Integer.MAX_VALUE), json.number("accuracy"));
    }
}
