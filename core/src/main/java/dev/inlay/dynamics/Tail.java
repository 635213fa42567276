package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/**
 * Rescaled tokens once every row of P is 0 or 1: the flow is linear, z_i' = V (z_s(i) - z_i) with s(i) the token that i
 * attends to. Leaders rest, a follower's way is known in closed form, and only the times at which a token turns to
 * another one must be found: the cost is that of the switches, not of the time.
 *
 * <p>A token turns from a to b when &lt;Q w_i, K (w_b - w_a)&gt; becomes positive, w = W(t) z; this is t_ab for a leader i = a.
 */
public final class Tail {
    /** ln of the residual below which the tail is taken for exact. */
    static final double ENTRY = Math.log(1e-300);

    /** Steps of the search for the next switch grow by this factor. */
    private static final double STRIDE = 1.08;

    private static final double FIRST_STRIDE = 0.02;
    private static final double ROUNDING = 1e-12;
    private static final int MOST_SWITCHES = 100_000;

    private final int n;
    private final int d;
    private final Matrix value;
    private final Matrix score;
    private final Growth growth;
    private final Growth decay;
    private final boolean jumping;

    /**
     * @param jumping whether a token that turns jumps onto its new leader at once (quasi-static merging) instead of moving
     *     there: the limit of switches that are far apart in time
     */
    public Tail(int n, Head head, boolean jumping) {
        this.n = n;
        this.d = head.dimension();
        this.value = head.value();
        this.score = head.score();
        this.growth = Growth.of(head.value());
        this.decay = Growth.of(head.value().times(-1));
        this.jumping = jumping;
    }

    /** Whether the flow has become linear: every row of the attention within 1e-300 of a unit vector. */
    public static boolean mayBegin(Weighing weighing) {
        return weighing.isBoolean(ENTRY);
    }

    /** Token {@code token} turns from {@code before} to {@code after}; tokens count from 0. */
    public record Switch(double time, int token, int before, int after) {}

    /**
     * What happens from the start of the tail on.
     *
     * @param first the token that each attends to at the start
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
    public record Course(int[] first, List<Switch> switches, Path path) {
        /** The token that each attends to at a time. */
        public int[] leadersAt(double t) {
            int[] leaders = first.clone();
            switches.stream().filter(each -> each.time() <= t).forEach(each -> leaders[each.token()] = each.after());
            return leaders;
        }

        /** First time at which a function of the positions is above a level, sought closely after each switch. */
        public OptionalDouble firstAbove(ToDoubleFunction<double[]> f, double level) {
            double[] starts = DoubleStream.concat(
                            DoubleStream.of(path.start()), switches.stream().mapToDouble(Switch::time))
                    .distinct()
                    .toArray();
            for (int k = 0; k < starts.length; k++) {
                double until = k + 1 < starts.length ? starts[k + 1] : path.end();
                double found = strided(t -> f.applyAsDouble(path.at(t)) - level, starts[k], until);
                if (found < until) {
                    return OptionalDouble.of(found);
                }
            }
            return OptionalDouble.empty();
        }
    }

    /** First time at which f is above 0, sought in strides that grow; {@code end} where there is none. */
    private static double strided(DoubleUnaryOperator f, double start, double end) {
        double before = start;
        double stride = FIRST_STRIDE;
        while (before < end) {
            double after = Math.min(end, before + stride);
            if (f.applyAsDouble(after) > 0) {
                return Crossing.root(f, true, 0, before, after);
            }
            before = after;
            stride *= STRIDE;
        }
        return end;
    }

    /**
     * Follows the flow.
     *
     * @param z positions at time start, [n, d]
     */
    public Course run(double[] z, double start, double end) {
        List<Switch> switches = new ArrayList<>();
        List<Piece> pieces = new ArrayList<>();
        double[] now = z.clone();
        int[] first = strongest(start, now);
        int[] leaders = first;
        double t = start;
        while (true) {
            if (jumping) {
                now = jumped(now, leaders);
            }
            Piece piece = new Piece(t, now, leaders);
            pieces.add(piece);
            double next = strided(time -> lead(piece, time), t, end);
            if (next >= end) {
                return new Course(first, List.copyOf(switches), new Pieces(pieces, start, end));
            }
            if (switches.size() > MOST_SWITCHES) {
                throw InlayException.diverged(
                        "more than %d switches of leaders up to time %s; the tail does not settle",
                        MOST_SWITCHES, next);
            }
            now = piece.at(next);
            leaders = turned(next, now, leaders, switches);
            t = next;
        }
    }

    /** Largest lead that any token has over the one that is attended to, above what rounding can make. */
    private double lead(Piece piece, double t) {
        double[][] scores = scores(t, piece.at(t));
        double lead = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            lead = Math.max(lead, scores[i][Attention.largest(scores[i], n)] - scores[i][piece.leaders[i]]);
        }
        return lead - rounding(scores);
    }

    /** Tokens that have come together differ by rounding alone, which must not count as a switch. */
    private static double rounding(double[][] scores) {
        double largest = 0;
        for (double[] row : scores) {
            for (double score : row) {
                largest = Math.max(largest, Math.abs(score));
            }
        }
        return ROUNDING * largest;
    }

    private int[] turned(double t, double[] z, int[] leaders, List<Switch> switches) {
        double[][] scores = scores(t, z);
        double least = rounding(scores) / 2;
        int[] turned = leaders.clone();
        for (int i = 0; i < n; i++) {
            int best = Attention.largest(scores[i], n);
            if (scores[i][best] - scores[i][leaders[i]] > least) {
                turned[i] = best;
                switches.add(new Switch(t, i, leaders[i], best));
            }
        }
        return turned;
    }

    private double[][] scores(double t, double[] z) {
        double[] w = new double[z.length];
        growth.apply(t, z, n, w);
        double[] queries = new double[z.length];
        score.transpose().applyToRows(w, n, queries);
        double[][] scores = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                scores[i][j] = Geometry.dot(queries, i, w, j, d);
            }
        }
        return scores;
    }

    private int[] strongest(double t, double[] z) {
        return Arrays.stream(scores(t, z))
                .mapToInt(row -> Attention.largest(row, n))
                .toArray();
    }

    private double[] jumped(double[] z, int[] leaders) {
        double[] moved = new double[z.length];
        for (int i = 0; i < n; i++) {
            System.arraycopy(z, root(leaders, i) * d, moved, i * d, d);
        }
        return moved;
    }

    private static double[] scaled(double[] x, double factor) {
        return Arrays.stream(x).map(each -> factor * each).toArray();
    }

    /** The leader at the end of the chain from i. */
    private static int root(int[] leaders, int i) {
        int at = i;
        for (int k = 0; k <= leaders.length; k++) {
            if (leaders[at] == at) {
                return at;
            }
            at = leaders[at];
        }
        throw InlayException.diverged(
                "token %d follows a circle of tokens without a leader; the tail needs a symmetric score form or leaders",
                i);
    }

    /** Positions between two switches. */
    private final class Piece {
        private final double start;
        private final double[] z;
        private final int[] leaders;
        private final boolean circular;

        Piece(double start, double[] z, int[] leaders) {
            this.start = start;
            this.z = z;
            this.leaders = leaders;
            this.circular = hasCircle();
        }

        private boolean hasCircle() {
            for (int i = 0; i < n; i++) {
                int at = i;
                for (int k = 0; k < n && leaders[at] != at; k++) {
                    at = leaders[at];
                }
                if (leaders[at] != at) {
                    require(
                            !jumping && n * d <= 400,
                            "token %d follows a circle of tokens; only the exact tail of at most 400 numbers can",
                            i);
                    return true;
                }
            }
            return false;
        }

        double[] at(double t) {
            if (jumping || t == start) {
                return z.clone();
            }
            return circular ? exponential(t - start) : chains(t - start);
        }

        /** z_i = z_a + e^(-sV) sum_l (sV)^l / l! (z_il - z_a), i = i0, i1, ... the chain that ends at the leader a. */
        private double[] chains(double s) {
            double[] moved = z.clone();
            double[] difference = new double[z.length];
            double scale = Math.exp(s * decay.leading());
            for (int i = 0; i < n; i++) {
                int leader = root(leaders, i);
                double[] sum = new double[d];
                int length = 0;
                for (int at = i; at != leader; at = leaders[at]) {
                    for (int k = 0; k < d; k++) {
                        difference[k] = z[at * d + k] - z[leader * d + k];
                    }
                    double[] term = new double[d];
                    decay.apply(s, Arrays.copyOf(difference, d), 1, term);
                    for (int l = 1; l <= length; l++) {
                        term = scaled(value.apply(term), s / l);
                    }
                    for (int k = 0; k < d; k++) {
                        sum[k] += scale * term[k];
                    }
                    length++;
                }
                for (int k = 0; k < d; k++) {
                    moved[i * d + k] = z[leader * d + k] + sum[k];
                }
            }
            return moved;
        }

        /** e^(s (S - I) x V) z with the selection S, where tokens go round in circles. */
        private double[] exponential(double s) {
            double[] generator = new double[n * d * n * d];
            for (int i = 0; i < n; i++) {
                for (int k = 0; k < d; k++) {
                    for (int l = 0; l < d; l++) {
                        generator[(i * d + k) * n * d + leaders[i] * d + l] += s * value.get(k, l);
                        generator[(i * d + k) * n * d + i * d + l] -= s * value.get(k, l);
                    }
                }
            }
            return Matrix.of(n * d, n * d, generator).exp().apply(z);
        }
    }

    private record Pieces(List<Piece> pieces, double start, double end) implements Path {
        @Override
        public double[] at(double t) {
            int low = 0;
            int high = pieces.size() - 1;
            while (low < high) {
                int middle = (low + high + 1) / 2;
                if (pieces.get(middle).start <= t) {
                    low = middle;
                } else {
                    high = middle - 1;
                }
            }
            return pieces.get(low).at(t);
        }
    }
}
