package dev.inlay.training;

import dev.inlay.engine.Dropout;
import dev.inlay.engine.Randomness;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Intervention;
import dev.inlay.model.Pass;
import dev.inlay.model.Reading;
import dev.inlay.model.Site;

/**
 * An intervention that reads its input through dropout, as PEFT's {@code lora_dropout} does; for training only. The embedding's input are
 * ids, which are not thinned out.
 *
 * @param inner what is trained
 * @param probability of an input to be dropped, in [0, 1)
 * @param seed of this unit of this step
 */
record Dropping(Intervention inner, double probability, long seed) implements Intervention {
    @Override
    public Tensor project(Site site, Tensor input, Tensor output, Pass pass) {
        if (site.equals(Site.EMBEDDING)) {
            return inner.project(site, input, output, pass);
        }
        long own =
                Randomness.derive(seed, site.layer(), site.projection().name().hashCode());
        // The map itself reads the whole input; only what the adapter reads is thinned out.
        return inner.project(site, Dropout.apply(input, probability, own), output, pass);
    }

    @Override
    public int begins(Reading row) {
        return inner.begins(row);
    }
}
