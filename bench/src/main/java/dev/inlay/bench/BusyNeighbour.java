package dev.inlay.bench;

import java.io.IOException;

/** Another process that keeps one core busy: it spins until its standard input ends, so it never outlives its parent. */
public final class BusyNeighbour {
    private static volatile boolean ended;

    private BusyNeighbour() {}

    public static void main(String[] arguments) throws IOException {
        Thread spinning = new Thread(BusyNeighbour::spin, "spinning");
        spinning.setDaemon(true);
        spinning.start();
        while (System.in.read() >= 0) {
            // what comes is of no interest, only that the parent still lives
        }
        ended = true;
    }

    private static void spin() {
        long x = 1;
        while (!ended) {
            x = x * 6364136223846793005L + 1442695040888963407L;
        }
        System.out.println(x); // used, so that the loop cannot be left out
    }
}
