package dev.inlay.analysis;

import dev.inlay.adapter.Spectrum;
import java.util.OptionalDouble;

/**
 * The change of one linear map.
 *
 * @param path which map
 * @param rank of the change, as stored
 * @param spectrum its singular values
 * @param weight Frobenius norm of the map's weight, where the model is at hand
 */
public record ModuleChange(ModulePath path, long rank, Spectrum spectrum, OptionalDouble weight) {
    /** Frobenius norm of the change. */
    public double norm() {
        return spectrum.norm();
    }

    /** {@code |change| / |weight|}. */
    public OptionalDouble relative() {
        return weight.isPresent() ? OptionalDouble.of(norm() / weight.getAsDouble()) : OptionalDouble.empty();
    }
}
