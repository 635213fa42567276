package dev.inlay.app.experiments.dynamics;

import dev.inlay.dynamics.Clusters;
import dev.inlay.dynamics.Energy;
import dev.inlay.dynamics.Matrix;
import dev.inlay.dynamics.Ranks;
import dev.inlay.dynamics.Weighing;

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
 */
public record Frame(
        double time,
        double[] positions,
        int[] strongest,
        double[] attention,
        double logResidual,
        double entropy,
        int clusters,
        double logEnergy,
        double effectiveRank) {
    static Frame of(Run run, double t) {
        Setting setting = run.setting();
        int d = setting.dimension();
        double[] x = run.at(t);
        Weighing weighing = run.flow().weighing(t, run.state(t));
        boolean sphere = setting.space().equals("sphere");
        Clusters clusters = sphere ? Clusters.byCosine(x, d, .999) : Clusters.within(x, d, setting.delta());
        double[] singular = Matrix.of(setting.tokens(), d, x).singularValues();
        return new Frame(
                t,
                x,
                weighing.strongest(),
                weighing.weights(),
                weighing.logResidual(),
                weighing.entropy(),
                clusters.count(),
                sphere && setting.beta() > 0 ? new Energy(setting.beta()).log(x, d) : Double.NaN,
                Ranks.effective(singular));
    }
}
