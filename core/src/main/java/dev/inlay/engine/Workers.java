package dev.inlay.engine;

import dev.inlay.InlayException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * Threads that share out independent tasks; every kernel inside a task runs on that task's thread alone.
 *
 * <p>Tasks are claimed one by one, so a thread that a busy neighbour slows down takes fewer. The results come in task
 * order and each depends on its task only: the number of threads never changes a bit.
 */
public final class Workers implements AutoCloseable {
    private final int threads;
    private final ExecutorService executor;

    private Workers(int threads) {
        this.threads = threads;
        AtomicInteger number = new AtomicInteger();
        this.executor = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "inlay-worker-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** @param threads at least 1 */
    public static Workers of(int threads) {
        FreedMemory.keep();
        InlayException.require(threads >= 1, "the number of threads must be at least 1, was %d", threads);
        return new Workers(threads);
    }

    public int threads() {
        return threads;
    }

    /**
     * Runs tasks 0 .. count-1, each in a scope of its own.
     *
     * @return the tensors that each task returned, in task order; they belong to the caller's innermost scope
     * @throws RuntimeException the failure of the lowest-numbered task that failed; tasks not yet begun are left out
     */
    public List<List<Tensor>> map(int count, IntFunction<List<Tensor>> task) {
        AtomicInteger next = new AtomicInteger();
        AtomicBoolean failed = new AtomicBoolean();
        List<List<Tensor>> results = new ArrayList<>();
        RuntimeException[] failures = new RuntimeException[count];
        for (int i = 0; i < count; i++) {
            results.add(List.of());
        }
        List<Future<?>> running = new ArrayList<>();
        for (int worker = 0; worker < Math.min(threads, count); worker++) {
            running.add(executor.submit(() -> {
                for (int i = next.getAndIncrement(); i < count && !failed.get(); i = next.getAndIncrement()) {
                    try {
                        List<Tensor> result = isolated(task, i);
                        synchronized (results) {
                            results.set(i, result);
                        }
                    } catch (RuntimeException e) {
                        failures[i] = e;
                        failed.set(true);
                    }
                }
            }));
        }
        running.forEach(Workers::await);
        return adopt(results, failures);
    }

    private static List<Tensor> isolated(IntFunction<List<Tensor>> task, int number) {
        try (Scope scope = Scope.open()) {
            List<Tensor> result = task.apply(number);
            result.forEach(Tensor::retain);
            return result;
        }
    }

    private static List<List<Tensor>> adopt(List<List<Tensor>> results, RuntimeException[] failures) {
        for (RuntimeException failure : failures) {
            if (failure != null) {
                results.forEach(result -> result.forEach(Tensor::release));
                throw failure;
            }
        }
        Scope scope = Scope.innermost();
        results.forEach(result -> result.forEach(scope::register));
        return results;
    }

    private static void await(Future<?> future) {
        boolean interrupted = false;
        while (true) {
            try {
                future.get();
                break;
            } catch (InterruptedException e) {
                interrupted = true; // The tasks use native memory of the caller: they must end before it is freed.
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Error error) {
                    throw error;
                }
                throw new EngineException("a worker failed outside its task", e.getCause());
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        executor.shutdown();
    }
}
