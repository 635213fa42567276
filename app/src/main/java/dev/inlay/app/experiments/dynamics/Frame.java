package dev.inlay.app.experiments.dynamics;

import dev.inlay.dynamics.Clusters;
import dev.inlay.dynamics.Energy;
import dev.inlay.dynamics.Matrix;
import dev.inlay.dynamics.Ranks;
import dev.inlay.dynamics.Weighing;
import java.util.Arrays;

/**
 * One run at one moment.
 *
 * @param positions [n, d]
 * @param strongest the token that each attends to most
 * @param attention P, [n, n]
 * @param logResidual ln of the distance of P from a matrix of 0 and 1
 * @param entropy mean over the rows of P, in nats
 * @param clusters number, tokens closer than delta (on the sphere: cosine above 0.999) being together
 * @param logEnergy ln of E_beta; on the sphere only, else NaN
 * @param effectiveRank of the positions
 * @param attentionRank numerical rank of P; NaN for many tokens
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
public record Frame(
        double time,
        double[] positions,
        int[] strongest,
        double[] attention,
        double logResidual,
        double entropy,
        int clusters,
        double logEnergy,
        double effectiveRank,
        double attentionRank) {
    private static final int MOST_RANKED = 64;

    static Frame of(Run run, double t) {
        Setting setting = run.setting();
        int d = setting.dimension();
        double[] x = run.at(t);
        boolean sphere = setting.space().equals("sphere");
        Clusters clusters = sphere ? Clusters.byCosine(x, d, .999) : Clusters.within(x, d, setting.delta());
        double[] singular = Matrix.of(setting.tokens(), d, x).singularValues();
        double logEnergy = sphere && setting.beta() > 0 ? new Energy(setting.beta()).log(x, d) : Double.NaN;
        double rank = Ranks.effective(singular);
        if (run.isInTail(t)) {
            // Tokens that have met differ by rounding alone, so the attention is not made from them again.
            int[] leaders = run.tail().orElseThrow().leadersAt(t);
            return new Frame(
                    t,
                    x,
                    leaders,
                    units(leaders),
                    Double.NEGATIVE_INFINITY,
                    0,
                    clusters.count(),
                    logEnergy,
                    rank,
                    Arrays.stream(leaders).distinct().count());
        }
        Weighing weighing = run.flow().weighing(t, run.state(t));
        return new Frame(
                t,
                x,
                weighing.strongest(),
                weighing.weights(),
                weighing.logResidual(),
                weighing.entropy(),
                clusters.count(),
                logEnergy,
                rank,
                attentionRank(weighing.weights(), setting.tokens()));
    }

    private static double attentionRank(double[] attention, int n) {
        return n > MOST_RANKED
                ? Double.NaN
                : Ranks.numerical(Matrix.of(n, n, attention).singularValues(), n, n);
    }

    private static double[] units(int[] leaders) {
        double[] attention = new double[leaders.length * leaders.length];
        for (int i = 0; i < leaders.length; i++) {
            attention[i * leaders.length + leaders[i]] = 1;
        }
        return attention;
    }
}
