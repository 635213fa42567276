package dev.inlay.adapter.peft;

import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import java.util.ArrayList;
import java.util.List;

/**
 * What an adapter has to fit.
 *
 * @param family {@code model_type}
 * @param sites all linear maps in the order of computation, the embedding first
 * @param tiedHead whether the output head is the embedding
 * @param fingerprint tells this base from others of the same shapes; see {@link BaseFingerprint}
 * @param text of its tokenizer and its chat template
 */
public record BaseModel(String family, List<LinearSite> sites, boolean tiedHead, String fingerprint, TextHashes text) {
    public BaseModel {
        sites = List.copyOf(sites);
    }

    /** The base in a model directory; reads a few kilobytes of every tensor for its fingerprint. */
    public static BaseModel of(ModelDirectory model) {
        List<LinearSite> sites = new ArrayList<>(List.of(model.embedding()));
        sites.addAll(model.sites());
        return new BaseModel(
                model.config().family(),
                sites,
                model.config().tiedHead(),
                BaseFingerprint.of(model.path()),
                TextHashes.of(model.path()));
    }
}
