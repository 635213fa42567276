package dev.inlay.model;

import static dev.inlay.InlayException.require;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How strongly something acts at each position of a row: runs of equal strength, in absolute positions. Positions before
 * the first run have strength 0; the last run goes on for as long as the row grows.
 *
 * @param runs by ascending start; neighbours differ, and the first is not 0
 */
public record Segments(List<Run> runs) {
    /** Everywhere, as it was trained. */
    public static final Segments OPEN = from(0);

    /** Nowhere. */
    public static final Segments CLOSED = new Segments(List.of());

    /**
     * From a position to the start of the next run.
     *
     * @param start from 0
     * @param strength 0 closed, 1 as trained; any finite number
     */
    public record Run(int start, double strength) {
        public Run {
            require(start >= 0, "a segment starts at position %d; positions count from 0", start);
            require(Double.isFinite(strength), "the strength of a gate must be finite, was %s", strength);
        }
    }

    public Segments {
        runs = List.copyOf(runs);
        double before = 0;
        int start = -1;
        for (Run run : runs) {
            require(
                    run.start > start && run.strength != before,
                    "segments must start one after the other and differ in strength: %s",
                    runs);
            before = run.strength;
            start = run.start;
        }
    }

    /** Open from a position on. */
    public static Segments from(int start) {
        return new Segments(List.of(new Run(start, 1)));
    }

    /** @param strengths of the positions from 0 on; the last holds for all that follow */
    public static Segments of(double... strengths) {
        List<Run> runs = new ArrayList<>();
        double before = 0;
        for (int i = 0; i < strengths.length; i++) {
            if (strengths[i] != before) {
                runs.add(new Run(i, strengths[i]));
                before = strengths[i];
            }
        }
        return new Segments(runs);
    }

    /** The strength at a position. */
    public double at(int position) {
        double strength = 0;
        for (Run run : runs) {
            if (run.start > position) {
                break;
            }
            strength = run.strength;
        }
        return strength;
    }

    /** The first position with a strength other than 0; the largest number if there is none. */
    public int firstOpen() {
        return runs.isEmpty() ? Integer.MAX_VALUE : runs.get(0).start;
    }

    /** The first position at which two differ; the largest number if they are equal. */
    public int firstDifference(Segments other) {
        int[] starts = IntStream.concat(starts(), other.starts()).sorted().toArray();
        return Arrays.stream(starts)
                .filter(start -> at(start) != other.at(start))
                .findFirst()
                .orElse(Integer.MAX_VALUE);
    }

    private IntStream starts() {
        return runs.stream().mapToInt(Run::start);
    }

    /** The same segments for a row that lacks its first tokens. */
    public Segments after(int start) {
        List<Run> rest = new ArrayList<>();
        if (at(start) != 0) {
            rest.add(new Run(0, at(start)));
        }
        runs.stream()
                .filter(run -> run.start > start)
                .forEach(run -> rest.add(new Run(run.start - start, run.strength)));
        return new Segments(rest);
    }

    /** The same segments, so many times as strong. */
    public Segments times(double factor) {
        return factor == 0
                ? CLOSED
                : new Segments(runs.stream()
                        .map(run -> new Run(run.start, run.strength * factor))
                        .toList());
    }

    /** The product of two at each position. */
    public Segments times(Segments other) {
        List<Run> product = new ArrayList<>();
        IntStream.concat(starts(), other.starts()).sorted().distinct().forEach(start -> {
            double strength = at(start) * other.at(start);
            double before = product.isEmpty() ? 0 : product.get(product.size() - 1).strength;
            if (strength != before) {
                product.add(new Run(start, strength));
            }
        });
        return new Segments(product);
    }

    /** The same before a position, and of one strength from it on. */
    public Segments then(int start, double strength) {
        List<Run> changed =
                new ArrayList<>(runs.stream().filter(run -> run.start < start).toList());
        double before = changed.isEmpty() ? 0 : changed.get(changed.size() - 1).strength;
        if (strength != before) {
            changed.add(new Run(start, strength));
        }
        return new Segments(changed);
    }

    /** The same without what begins behind a position. */
    public Segments until(int position) {
        return new Segments(runs.stream().filter(run -> run.start <= position).toList());
    }

    /** As people read it: {@code open from 12}, {@code 1 from 5, 0 from 9}. */
    @Override
    public String toString() {
        if (runs.isEmpty()) {
            return "closed";
        }
        if (equals(OPEN)) {
            return "open";
        }
        if (runs.size() == 1 && runs.get(0).strength == 1) {
            return "open from " + runs.get(0).start;
        }
        return String.join(
                ", ",
                runs.stream().map(run -> run.strength + " from " + run.start).toList());
    }
}
