package dev.inlay.model;

/**
 * Which tokens something acts on, and how strongly: the factor g_t of ARCHITECTURE.md's formula. A value: equal gates are
 * open at the same places.
 *
 * <p>It is a rule; {@link Segments} are what it says of one row. They are data of the pass ({@link Pass#acting}), never
 * ambient state.
 */
public interface Gate {
    /** Every token. */
    Gate OPEN = new Gate() {
        @Override
        public Segments over(Reading row) {
            return Segments.OPEN;
        }

        @Override
        public String toString() {
            return "open";
        }
    };

    /**
     * Where it is open in a row.
     *
     * @throws dev.inlay.InlayException if the row lacks what the rule needs
     */
    Segments over(Reading row);
}
