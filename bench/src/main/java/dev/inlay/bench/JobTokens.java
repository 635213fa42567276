package dev.inlay.bench;

import java.util.ArrayList;
import java.util.List;

/** The tokens of the jobs, the same as in {@code tools/baseline/job.py}. */
final class JobTokens {
    private static final int FIRST_ID = 3;

    private JobTokens() {}

    /** Rows of ids; id i of row r is {@code 3 + (7919 i + 104729 r) mod (vocabulary - 3)}. */
    static List<int[]> rows(int rows, int length, int vocabulary) {
        List<int[]> result = new ArrayList<>();
        for (long row = 0; row < rows; row++) {
            int[] ids = new int[length];
            for (int i = 0; i < length; i++) {
                ids[i] = (int) (FIRST_ID + (7919L * i + 104729L * row) % (vocabulary - FIRST_ID));
            }
            result.add(ids);
        }
        return result;
    }
}
