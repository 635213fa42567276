package dev.inlay.adapter.peft;

/**
 * A linear map that an adapter changes.
 *
 * @param module the map
 * @param rank rank of its change
 * @param alpha numerator of its scale
 * @param scale factor of up times down
 */
public record Target(ModelModule module, int rank, double alpha, double scale) {
    /** Full dotted path of the map. */
    public String path() {
        return module.path();
    }
}
