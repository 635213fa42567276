package dev.inlay.app.experiments.modular;

/** What stands between the two numbers. */
enum Operation {
    ADDITION,
    SUBTRACTION;

    int result(int x, int y, int modulus) {
        return Math.floorMod(this == ADDITION ? x + y : x - y, modulus);
    }

    /** The token: numbers come first, then {@code =}, {@code +}, {@code -}. */
    int token(int modulus) {
        return modulus + 1 + ordinal();
    }

    static int equalsToken(int modulus) {
        return modulus;
    }
}
