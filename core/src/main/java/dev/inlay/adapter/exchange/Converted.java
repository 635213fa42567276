package dev.inlay.adapter.exchange;

import dev.inlay.adapter.LogitDifference;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a conversion wrote.
 *
 * @param target file or directory
 * @param modules adapted
 * @param effect what the adapter, read again from there, changes in the logits of probe rows
 * @param deviation of these logits from those that were meant, where there is something to compare with: the adapter
 *     before it was written, or the fine-tuned model
 * @param notes what was changed or is lost, one line each
 */
public record Converted(
        Path target, int modules, LogitDifference effect, Optional<LogitDifference> deviation, List<String> notes) {
    public Converted {
        notes = List.copyOf(notes);
    }
}
