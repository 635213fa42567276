package dev.inlay.adapter.exchange;

/**
 * What keeps a consumer from computing what an adapter means.
 *
 * @param kind how it ends
 * @param what is in the way
 * @param remedy what to do
 */
public record Objection(Kind kind, String what, String remedy) {
    /** How a consumer behaves. */
    public enum Kind {
        /** It does not load the adapter. */
        REFUSES,
        /** It loads the adapter and computes something else, without a word. */
        IGNORES,
        /** It computes what is meant if a condition is met. */
        NEEDS;

        /** Whether the adapter cannot be used there as it is. */
        public boolean prevents() {
            return this != NEEDS;
        }
    }

    static Objection refuses(String what, String remedy) {
        return new Objection(Kind.REFUSES, what, remedy);
    }

    static Objection ignores(String what, String remedy) {
        return new Objection(Kind.IGNORES, what, remedy);
    }

    static Objection needs(String what, String remedy) {
        return new Objection(Kind.NEEDS, what, remedy);
    }
}
