package dev.inlay.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Rows of text that a small adapter learns quickly. */
final class TinyData {
    private TinyData() {}

    /** Writes a file of rows, none alike, into a folder. */
    static Path in(Path folder, int rows) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            lines.add("{\"text\": \"the cat " + i + " sat on the mat and the dog ran" + " far".repeat(i % 5) + ".\"}");
        }
        return Files.write(folder.resolve("rows.jsonl"), lines);
    }
}
