package dev.inlay.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A second thread for the products of one row by a matrix, which a single core computes slower than memory could deliver
 * the matrix: the decoding of one sequence is made of them.
 *
 * <p>The rows of the matrix are cut into pieces that both threads claim. Nobody ever waits for a thread that the system
 * has put aside: a piece that the companion does not deliver in time is computed again by the caller, and a companion that
 * is late again and again is asked ever more seldom. The pieces depend on the matrix only, and whoever computes one computes the same,
 * so that the companion never changes a bit of a result.
 */
public final class Companion {
    /** Below this a product takes less time than to share it. */
    private static final long LEAST_BYTES = 1L << 19;

    /** Matrices up to twice this are halved, larger ones cut into pieces of about this. */
    private static final long PIECE_BYTES = 1L << 21;

    private static final int MOST_PIECES = 16;

    /** Rows of a piece come in multiples of the kernels' blocks. */
    private static final long BLOCK = 16;

    /** How long the companion looks for work before it sleeps; longer than what lies between two products of a token. */
    private static final long SPIN_NANOS = 1_000_000;

    /** Most products for which a companion that comes late again and again is not asked. */
    private static final int LONGEST_LEAVE = 2_048;

    private static final ThreadLocal<Boolean> WANTED = ThreadLocal.withInitial(() -> false);

    private final Semaphore free = new Semaphore(1);
    private final AtomicReference<@Nullable Share> offered = new AtomicReference<>();
    private final Thread thread = new Thread(this::run, "inlay-companion");
    private volatile boolean asleep;
    /** Products for which the companion is not asked, and how many it will be after the next delay. */
    private int leave;

    private int nextLeave = 1;

    private Companion() {
        thread.setDaemon(true);
        thread.start();
    }

    /** Made on first use: a process that never decodes has no such thread. */
    private static final class Only {
        static final Companion INSTANCE = new Companion();
    }

    /**
     * Runs something on this thread with the help of the companion, if no other thread is being helped.
     *
     * @param threads that may compute at once; with 1 the caller stays alone
     */
    public static void with(int threads, Runnable body) {
        boolean before = WANTED.get();
        WANTED.set(threads > 1);
        try {
            body.run();
        } finally {
            WANTED.set(before);
        }
    }

    /** Whether a product by this matrix is computed in pieces, with a companion or without. */
    static boolean isShared(Tensor weight) {
        return !weight.isTracked() && weight.byteCount() >= LEAST_BYTES;
    }

    /**
     * The product in pieces.
     *
     * @param x [1, in]
     * @param weight [out, in]
     * @param kernel of x and some rows of the weight
     * @return [1, out]
     */
    static Tensor product(Tensor x, Tensor weight, BinaryOperator<Tensor> kernel) {
        Share share = new Share(x, weight, kernel);
        if (!WANTED.get() || !Only.INSTANCE.help(share)) {
            share.work();
        }
        return share.result();
    }

    /** Offers a share and works on it; false if the companion is not to be had. */
    private boolean help(Share share) {
        if (!free.tryAcquire()) {
            return false;
        }
        try {
            if (leave > 0) {
                leave--;
                return false;
            }
            share.retain();
            offered.set(share);
            if (asleep) {
                LockSupport.unpark(thread);
            }
            workBeside(share);
            return true;
        } finally {
            free.release();
        }
    }

    private void workBeside(Share share) {
        long start = System.nanoTime();
        boolean taken = true;
        int done;
        try {
            done = share.work();
        } finally {
            if (offered.compareAndSet(share, null)) {
                share.release();
                taken = false;
            }
        }
        if (taken && share.awaitUntil(System.nanoTime() + patience(start, done))) {
            nextLeave = 1;
        } else if (taken) {
            leave = nextLeave;
            nextLeave = Math.min(LONGEST_LEAVE, 2 * nextLeave);
        }
    }

    /** The time of one more piece, by the pieces just computed. */
    private static long patience(long start, int done) {
        return Math.max(20_000, 2 * (System.nanoTime() - start) / Math.max(1, done));
    }

    private void run() {
        while (true) {
            Share share = await();
            try {
                share.work();
            } catch (RuntimeException e) {
                // The caller misses the piece, computes it itself and meets the failure where it can be told.
            } finally {
                share.release();
            }
        }
    }

    private Share await() {
        long start = System.nanoTime();
        while (true) {
            Share share = offered.getAndSet(null);
            if (share != null) {
                asleep = false;
                return share;
            }
            if (asleep) {
                LockSupport.park(this);
            } else if (System.nanoTime() - start > SPIN_NANOS) {
                asleep = true; // One more look before sleeping: an offer between the last look and this would be lost.
            } else {
                Thread.onSpinWait();
            }
        }
    }

    /** One product, cut into pieces. */
    private static final class Share {
        private final Tensor x;
        private final Tensor weight;
        private final BinaryOperator<Tensor> kernel;
        private final int pieces;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicReferenceArray<@Nullable Tensor> results;

        Share(Tensor x, Tensor weight, BinaryOperator<Tensor> kernel) {
            this.x = x.detached();
            this.weight = weight;
            this.kernel = kernel;
            this.pieces = (int) Math.max(2, Math.min(MOST_PIECES, weight.byteCount() / PIECE_BYTES));
            this.results = new AtomicReferenceArray<>(pieces);
        }

        /** A thread put aside in the middle of a piece still reads both when the caller has long gone on. */
        void retain() {
            x.retain();
            weight.retain();
        }

        void release() {
            x.release();
            weight.release();
        }

        /** Computes pieces as long as there are unclaimed ones; returns how many. */
        int work() {
            int done = 0;
            for (int piece = next.getAndIncrement(); piece < pieces; piece = next.getAndIncrement()) {
                compute(piece);
                done++;
            }
            return done;
        }

        private void compute(int piece) {
            long rows = weight.size(0);
            long from = start(piece, rows);
            try (Scope scope = Scope.open()) {
                Tensor result = kernel.apply(x, weight.narrow(0, from, start(piece + 1, rows) - from));
                result.retain();
                if (!results.compareAndSet(piece, null, result)) {
                    result.release(); // The other thread was first.
                }
            }
        }

        private long start(int piece, long rows) {
            return piece == pieces ? rows : rows * piece / pieces / BLOCK * BLOCK;
        }

        /** Waits for the pieces that the other thread has claimed; false if they did not come in time. */
        boolean awaitUntil(long deadline) {
            for (int piece = 0; piece < pieces; piece++) {
                while (results.get(piece) == null) {
                    if (System.nanoTime() > deadline) {
                        return false;
                    }
                    Thread.onSpinWait();
                }
            }
            return true;
        }

        /** Joins the pieces, computing what is missing; [1, out], in the caller's scope. */
        Tensor result() {
            List<Tensor> parts = new ArrayList<>(pieces);
            Scope scope = Scope.innermost();
            for (int piece = 0; piece < pieces; piece++) {
                if (results.get(piece) == null) {
                    compute(piece);
                }
                Tensor part = results.get(piece);
                if (part == null) {
                    throw new EngineException("a piece of a product is missing");
                }
                scope.register(part);
                parts.add(part);
            }
            return Tensor.concat(1, parts);
        }
    }
}
