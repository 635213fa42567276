package dev.inlay.adapter;

import dev.inlay.engine.Tensor;
import dev.inlay.model.Pass;
import java.util.Optional;

/** Which tokens an adapter acts on: the factor g_t of ARCHITECTURE.md's formula. Data of the pass, never ambient state. */
public interface Gate {
    /** Every token. */
    Gate OPEN = new Gate() {
        @Override
        public Optional<Tensor> mask(Pass pass) {
            return Optional.empty();
        }

        @Override
        public String toString() {
            return "open";
        }
    };

    /**
     * @return [seen, 1], the strength at each token that the pass shows ({@link Pass#places}, {@link Pass#seen(Tensor)});
     *     empty where the gate is open everywhere
     */
    Optional<Tensor> mask(Pass pass);
}
