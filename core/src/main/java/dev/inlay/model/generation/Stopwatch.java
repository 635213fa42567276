package dev.inlay.model.generation;

import java.util.List;

/** Where the time of a request goes whose rows may grow on several threads. */
final class Stopwatch {
    private final long start = System.nanoTime();
    private double secondsToFirst;
    private boolean begun;
    private int decoding;
    private long mark;
    private long decodeNanos;
    private long decoded;

    /** The prompts of a batch are read, and its first tokens chosen. */
    synchronized void began() {
        long now = System.nanoTime();
        if (!begun) {
            secondsToFirst = (now - start) * 1e-9;
            begun = true;
        }
        if (decoding++ == 0) {
            mark = now;
        }
    }

    synchronized void decoded(int tokens) {
        decoded += tokens;
    }

    /** All rows of a batch have ended. */
    synchronized void ended() {
        if (--decoding == 0) {
            decodeNanos += System.nanoTime() - mark;
        }
    }

    synchronized GenerationReport report(List<Generated> rows, long reused) {
        return new GenerationReport(rows, reused, secondsToFirst, decodeNanos * 1e-9, decoded);
    }
}
