package dev.inlay.bench;

import dev.inlay.engine.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * One line of the comparison: a job that both sides do.
 *
 * @param dtype of the base weights
 * @param threads that compute
 * @param neighbour whether another process keeps one core busy
 */
record Case(Kind kind, DType dtype, int threads, boolean neighbour) {
    /** Kinds of jobs. */
    enum Kind {
        TRAINING,
        GENERATION,
        /** Of all weights. */
        PRETRAINING
    }

    static final List<DType> TYPES = List.of(DType.FLOAT32, DType.BFLOAT16);

    /** All kinds in all types with all numbers of threads, then training with a neighbour and the most threads. */
    static List<Case> all(List<Integer> threads) {
        List<Case> cases = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            for (DType type : TYPES) {
                threads.forEach(count -> cases.add(new Case(kind, type, count, false)));
            }
        }
        TYPES.forEach(type -> cases.add(new Case(Kind.TRAINING, type, Collections.max(threads), true)));
        return cases;
    }

    /** The same job without the neighbour. */
    Case quiet() {
        return new Case(kind, dtype, threads, false);
    }

    String dtypeName() {
        return dtype.name().toLowerCase(Locale.ROOT);
    }

    /** The name of the case in the raw numbers. */
    @Override
    public String toString() {
        return kind.name().toLowerCase(Locale.ROOT) + " " + dtypeName() + " " + threads
                + (threads == 1 ? " thread" : " threads") + (neighbour ? " busy neighbour" : "");
    }
}
