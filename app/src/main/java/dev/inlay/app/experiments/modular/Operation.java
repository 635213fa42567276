package dev.inlay.app.experiments.modular;

/** What stands between the two numbers. */
enum Operation {
    ADDITION(1),
    SUBTRACTION(2);

    private final int place;

    /** @param place of the token behind that of the equals sign */
    Operation(int place) {
        this.place = place;
    }

    /** Of a pair's code: those below p * p are added. */
    static Operation of(int code, int modulus) {
        return code < modulus * modulus ? ADDITION : SUBTRACTION;
    }

    int result(int x, int y, int modulus) {
        return Math.floorMod(this == ADDITION ? x + y : x - y, modulus);
    }

    /** The token: numbers come first, then {@code =}, {@code +}, {@code -}. */
    int token(int modulus) {
        return equalsToken(modulus) + place;
    }

    static int equalsToken(int modulus) {
        return modulus;
    }
}
