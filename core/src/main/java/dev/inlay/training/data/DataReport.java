package dev.inlay.training.data;

import com.google.errorprone.annotations.FormatMethod;
import dev.inlay.InlayException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What became of the rows of a file, complete: {@code rows = whole + split.rows() + cut.rows() + dropped.rows() + unusable
 * rows}.
 *
 * @param name of the file
 * @param rows read
 * @param examples that came of them
 * @param tokens of all examples
 * @param targets of all examples: tokens that are learned
 * @param lengths of the rows before the limit was applied; rows that are unusable as written are not in it
 * @param whole rows that became one example as they are
 * @param split rows over the limit that became pieces
 * @param cut rows over the limit of which the first part is left; its tokens are those cut away
 * @param dropped rows over the limit that were left out, with their tokens
 * @param unusable rows without a target, by cause
 */
public record DataReport(
        String name,
        int rows,
        int examples,
        long tokens,
        long targets,
        LengthHistogram lengths,
        int whole,
        Pieces split,
        Loss cut,
        Loss dropped,
        Map<Cause, Unusable> unusable) {

    /** Why a row has nothing to learn. */
    public enum Cause {
        /** Not one token after the first. */
        EMPTY("have no text"),
        /** A conversation in which the assistant says nothing. */
        NO_ASSISTANT_TURN("have no turn of the assistant"),
        /** The part that would be learned lies behind the limit. */
        BEYOND_LIMIT("have all they would teach beyond the length limit (raise it, or choose split)");

        private final String words;

        Cause(String words) {
            this.words = words;
        }
    }

    /** Rows over the limit, and the tokens and targets lost by it. */
    public record Loss(int rows, long tokens, long targets) {
        static final Loss NONE = new Loss(0, 0, 0);

        Loss plus(long moreTokens, long moreTargets) {
            return new Loss(rows + 1, tokens + moreTokens, targets + moreTargets);
        }
    }

    /** Rows over the limit, the pieces made of them, and the pieces left out because they hold no target. */
    public record Pieces(int rows, int kept, int leftOut) {
        static final Pieces NONE = new Pieces(0, 0, 0);

        Pieces plus(int moreKept, int moreLeftOut) {
            return new Pieces(rows + 1, kept + moreKept, leftOut + moreLeftOut);
        }
    }

    /** Rows left out, and the line of the first. */
    public record Unusable(int rows, int firstLine) {}

    public DataReport {
        Map<Cause, Unusable> copy = new EnumMap<>(Cause.class);
        copy.putAll(unusable);
        unusable = Collections.unmodifiableMap(copy);
    }

    /** Rows without a target, over all causes. */
    public int unusableRows() {
        return unusable.values().stream().mapToInt(Unusable::rows).sum();
    }

    /**
     * Refuses data of which most rows teach nothing; that is a mistake in the file or the settings, not a loss to bear.
     *
     * @param share from 0 to 1: of the rows, how many may be without a target
     * @throws InlayException that names the causes, most frequent first
     */
    public void requireUsable(double share) {
        if (examples > 0 && unusableRows() <= share * rows) {
            return;
        }
        List<String> causes = new ArrayList<>();
        unusable.entrySet().stream()
                .sorted(Map.Entry.comparingByValue((a, b) -> b.rows() - a.rows()))
                .forEach(e -> causes.add(e.getValue().rows() + " " + e.getKey().words + ", first line "
                        + e.getValue().firstLine()));
        if (dropped.rows() > 0) {
            causes.add(dropped.rows() + " are longer than the limit and were dropped");
        }
        throw InlayException.data("%s: too few of %d rows teach anything: %s", name, rows, String.join("; ", causes));
    }

    /** A few lines for people; what did not happen is not mentioned. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        double share = tokens == 0 ? 0 : 100.0 * targets / tokens;
        lines.add(line(
                "%s: %,d rows, %,d examples, %,d tokens, %,d of them learned (%.1f%%)",
                name, rows, examples, tokens, targets, share));
        lines.add(line(
                "lengths in tokens: %s; longest %,d (line %d)", lengths, lengths.longest(), lengths.longestLine()));
        if (split.rows() > 0) {
            lines.add(line(
                    "split: %,d rows over the limit into %,d pieces; %,d more without a target left out",
                    split.rows(), split.kept(), split.leftOut()));
        }
        addLoss(lines, "cut", cut);
        addLoss(lines, "dropped", dropped);
        unusable.forEach((cause, which) -> lines.add(
                line("left out: %,d rows that %s, first line %d", which.rows(), cause.words, which.firstLine())));
        return lines;
    }

    private static void addLoss(List<String> lines, String what, Loss loss) {
        if (loss.rows() > 0) {
            lines.add(line(
                    "%s: %,d rows over the limit; lost %,d tokens, %,d of them targets",
                    what, loss.rows(), loss.tokens(), loss.targets()));
        }
    }

    @FormatMethod
    private static String line(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
