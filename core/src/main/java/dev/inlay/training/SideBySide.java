package dev.inlay.training;

import dev.inlay.engine.Linear;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Acting;
import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;
import dev.inlay.model.Pass;
import dev.inlay.model.Reading;
import dev.inlay.model.Site;
import java.util.Map;

/**
 * Low-rank changes of equal shape, each on a block of a pass's rows of its own; the blocks are equal and in order.
 *
 * @param members how many blocks
 * @param gate of all of them
 */
record SideBySide(int members, Map<Site, Factors> factors, Gate gate) implements Intervention {
    /**
     * Of one map.
     *
     * @param up [members, out, rank]
     * @param down [members, rank, in]
     */
    record Factors(Tensor up, Tensor down, double scale) {}

    @Override
    public Tensor project(Site site, Tensor input, Tensor output, Pass pass) {
        Factors own = factors.get(site);
        if (own == null) {
            return output;
        }
        Acting acting = pass.acting(gate);
        return acting.apply(input, output, pass, (x, y, open) -> {
            long each = x.size(0) / members;
            Tensor low = x.reshape(members, each, x.size(1))
                    .matmul(own.down.to(x.dtype()).transpose(1, 2))
                    .times(own.scale);
            Tensor inner = acting.weighted(low.reshape(x.size(0), low.size(2)));
            Tensor blocks = Linear.ontoEach(
                    y.reshape(members, each, y.size(1)),
                    inner.reshape(members, each, low.size(2)),
                    own.up.to(x.dtype()));
            return blocks.reshape(y.shape());
        });
    }

    @Override
    public int begins(Reading row) {
        return gate.over(row).firstOpen();
    }
}
