package dev.inlay.adapter.peft;

/**
 * Which modules an adapter changes.
 *
 * @param targets {@code target_modules}
 * @param excluded {@code exclude_modules}, asked first
 * @param layers filter on the layer's number; a target given by its exact path is not subject to it
 */
public record Selection(Selector targets, Selector excluded, LayerFilter layers) {
    /** The modules of these names or path ends, in every layer. */
    public static Selection of(Selector targets) {
        return new Selection(targets, Selector.NOTHING, LayerFilter.NONE);
    }
}
