package dev.inlay.app.experiments.world;

/** Counts and sums over the texts of one register. */
final class Tally {
    private long rows;
    private long words;
    private double nats;
    private double squares;
    private double known;

    /** @param shared nats that the text costs because registers are mixed; not counted here */
    void add(Document document, double shared) {
        double floor = document.floor() - shared;
        rows++;
        words += document.words();
        nats += floor;
        squares += floor * floor;
        known += document.floorKnowingTheWorld() - shared;
    }

    long rows() {
        return rows;
    }

    long words() {
        return words;
    }

    /** Nats per text. */
    double mean() {
        return nats / rows;
    }

    /** Nats per text for who knows the world. */
    double meanKnown() {
        return known / rows;
    }

    /** Standard error of {@link #mean}. */
    double error() {
        return rows < 2 ? 0 : Math.sqrt(Math.max(0, squares - rows * mean() * mean()) / (rows - 1) / rows);
    }
}
