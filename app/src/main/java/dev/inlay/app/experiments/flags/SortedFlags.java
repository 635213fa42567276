package dev.inlay.app.experiments.flags;

import static dev.inlay.InlayException.require;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Flags by ascending logit, so that measures with other numbers of each task cost one walk. */
final class SortedFlags {
    private final ScoredFlag[] sorted;
    private final int[] tasks;
    private final int taskCount;

    SortedFlags(List<ScoredFlag> flags) {
        require(!flags.isEmpty(), "no flags to measure");
        sorted = flags.toArray(new ScoredFlag[0]);
        Map<String, Integer> numbers = new HashMap<>();
        for (ScoredFlag flag : sorted) {
            numbers.putIfAbsent(flag.task(), numbers.size());
        }
        Arrays.sort(sorted, Comparator.comparingDouble(ScoredFlag::logit));
        tasks = Arrays.stream(sorted).mapToInt(flag -> numbers.get(flag.task())).toArray();
        taskCount = numbers.size();
    }

    int tasks() {
        return taskCount;
    }

    /** Every row once. */
    FlagMeasures once() {
        int[] ones = new int[taskCount];
        Arrays.fill(ones, 1);
        return times(ones);
    }

    /** @param counts [tasks] how often all rows of each task are taken */
    FlagMeasures times(int[] counts) {
        long fails = 0;
        long passes = 0;
        long failsRight = 0;
        long passesRight = 0;
        double above = 0; // pairs of a fail and a pass with the smaller logit, ties half
        int i = 0;
        while (i < sorted.length) {
            double logit = sorted[i].logit();
            long tiedFails = 0;
            long tiedPasses = 0;
            for (; i < sorted.length && sorted[i].logit() == logit; i++) {
                int count = counts[tasks[i]];
                tiedFails += sorted[i].truth() == Verdict.FAIL ? count : 0;
                tiedPasses += sorted[i].truth() == Verdict.PASS ? count : 0;
            }
            above += tiedFails * (passes + tiedPasses / 2.0);
            fails += tiedFails;
            passes += tiedPasses;
            failsRight += logit > 0 ? tiedFails : 0;
            passesRight += logit > 0 ? 0 : tiedPasses;
        }
        return new FlagMeasures(
                fails, passes, share(failsRight, fails), share(passesRight, passes), above / ((double) fails * passes));
    }

    private static double share(long part, long whole) {
        return (double) part / whole;
    }
}
