package dev.inlay.model;

import dev.inlay.engine.Tensor;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one seam through which anything acts on a decoder from outside: an adapter, a steering vector, an ablation, a
 * recorder. The decoder knows none of them; it asks each intervention of the pass, in order, at every site and at every
 * stream that the intervention names.
 *
 * <p>Implementations may be used by several threads at once and must not keep tensors of a pass beyond it unless their
 * scope does.
 */
public interface Intervention {
    /**
     * Changes the output of a linear map, by adding to it as a rule.
     *
     * @param input [seen, in], the tokens at the places of the pass: all of them, or at the head those somebody asked for;
     *     at {@link Site#EMBEDDING} the ids of the tokens, [tokens]
     * @param output [seen, out], what the map and the interventions before this one made
     * @param pass at the {@link Pass#places} of these tokens; {@link Pass#whole} is the same for all calls of a pass
     * @return [seen, out]; {@code output} itself where nothing changes
     */
    default Tensor project(Site site, Tensor input, Tensor output, Pass pass) {
        return output;
    }

    /**
     * The first position of a row at which this does anything: what comes before is computed as if it were not there. 0
     * where that is not known.
     */
    default int begins(Reading row) {
        return 0;
    }

    /** The streams that {@link #at} wants to see; naming the attention table switches fused attention off. */
    default Set<Stream> streams() {
        return Set.of();
    }

    /**
     * Looks at a value or replaces it.
     *
     * @param value of the tokens at the {@link Pass#places} of the pass; of one whole row where there is one for each row
     * @return a tensor of the same shape; {@code value} itself where nothing changes
     */
    default Tensor at(Activation where, Tensor value, Pass pass) {
        return value;
    }

    /** What takes the place of attention within each row; null to leave it. One intervention of a pass may have it. */
    default @Nullable Mixing mixing() {
        return null;
    }
}
