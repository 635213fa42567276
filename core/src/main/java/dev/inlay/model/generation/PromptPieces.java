package dev.inlay.model.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which tokens of each prompt a pass reads, so that a long prompt needs no more memory than a short one.
 *
 * <p>A pass has tokens of every row. While one row's long prompt is read, the others read theirs one by one; a row that
 * has read its whole prompt reads the last token again (its key and value are replaced), so that the last pass holds the
 * last token of every row.
 *
 * @param from first position of each row
 * @param to position after the last of each row, always beyond {@code from}
 */
record PromptPieces(List<Integer> from, List<Integer> to) {
    /**
     * @param known tokens of each prompt that were read before, fewer than it has
     * @param lengths of the prompts, each at least 1
     * @param budget most tokens of a pass; a pass has no fewer than one per row
     */
    static List<PromptPieces> of(int[] known, int[] lengths, int budget) {
        List<PromptPieces> passes = new ArrayList<>();
        int[] read = known.clone();
        do {
            List<Integer> from = new ArrayList<>();
            List<Integer> to = new ArrayList<>();
            int left = Math.max(0, budget - lengths.length);
            for (int row = 0; row < lengths.length; row++) {
                int start = Math.min(read[row], lengths[row] - 1);
                int more = Math.min(left, lengths[row] - start - 1);
                left -= more;
                read[row] = start + 1 + more;
                from.add(start);
                to.add(read[row]);
            }
            passes.add(new PromptPieces(from, to));
        } while (!Arrays.equals(read, lengths));
        return passes;
    }
}
