package dev.inlay.adapter;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Randomness;
import dev.inlay.engine.Tensor;
import dev.inlay.model.LinearSite;

/** How new factors begin, with the distributions of PEFT's {@code init_lora_weights}. */
public enum Initialisation {
    /** Down uniform in +-1/sqrt(in), up zero: the adapter begins as no change. PEFT: {@code true}. */
    UNIFORM {
        @Override
        Tensor down(long rank, long in, long seed) {
            return uniform(in, seed, rank, in);
        }
    },
    /** Down normal with deviation 1/rank, up zero. PEFT: {@code "gaussian"}. */
    GAUSSIAN {
        @Override
        Tensor down(long rank, long in, long seed) {
            return Tensor.normal(1.0 / rank, seed, DType.FLOAT32, rank, in);
        }
    },
    /** Both uniform, so that the adapter changes the model from the start: for tests. PEFT: {@code false}. */
    RANDOM {
        @Override
        Tensor down(long rank, long in, long seed) {
            return uniform(in, seed, rank, in);
        }

        @Override
        Tensor up(long out, long rank, long seed) {
            return uniform(rank, seed, out, rank);
        }
    };

    abstract Tensor down(long rank, long in, long seed);

    Tensor up(long out, long rank, long seed) {
        return Tensor.zeros(DType.FLOAT32, Device.CPU, out, rank);
    }

    /**
     * New float32 factors of a linear map.
     *
     * @param rank at least 1, at most the smaller side of the map
     * @param seed of the whole adapter; each map draws its own numbers from it, whatever other maps there are
     */
    public LowRank factors(LinearSite site, int rank, double scale, long seed) {
        int smaller = Math.min(site.in(), site.out());
        if (rank < 1 || rank > smaller) {
            throw InlayException.usage(
                    "rank %d does not fit %s (%d x %d); choose a rank from 1 to %d",
                    rank, site.path(), site.out(), site.in(), smaller);
        }
        long own = Randomness.derive(seed, site.path().hashCode());
        Tensor down = down(rank, site.in(), Randomness.derive(own, 0));
        return new LowRank(up(site.out(), rank, Randomness.derive(own, 1)), down, scale);
    }

    private static Tensor uniform(long fanIn, long seed, long... shape) {
        double bound = 1 / Math.sqrt((double) fanIn);
        return Tensor.uniform(-bound, bound, seed, DType.FLOAT32, shape);
    }
}
