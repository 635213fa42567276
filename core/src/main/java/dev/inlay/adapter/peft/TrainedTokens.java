package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import dev.inlay.model.LinearSite;
import dev.inlay.model.Site;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Where {@code trainable_token_indices} put vectors. In a base whose head is the embedding they are the head's too, unless
 * the head has other tokens.
 */
final class TrainedTokens {
    private TrainedTokens() {}

    /** The tokens of the embedding, of the head, or of both. */
    static Map<Site, List<Integer>> of(BaseModel base, Beside beside) {
        Map<Site, List<Integer>> tokens = new TreeMap<>();
        beside.tokens().byModule().forEach((name, ids) -> {
            Site site = site(base, name);
            if (tokens.putIfAbsent(site, ids) != null) {
                throw InlayException.adapter("trainable_token_indices names %s twice", site);
            }
            if (SavedModules.of(base, beside).contains(SavedModules.path(base, site))) {
                throw InlayException.adapter(
                        "modules_to_save and trainable_token_indices both name the %s; PEFT has no such adapter", site);
            }
        });
        List<Integer> embedding = tokens.get(Site.EMBEDDING);
        if (base.tiedHead() && embedding != null) {
            List<Integer> head = tokens.putIfAbsent(Site.HEAD, embedding);
            if (beside.tied() && head != null && !head.equals(embedding)) {
                throw InlayException.adapter(
                        "ensure_weight_tying is set, and trainable_token_indices names other tokens for the head than"
                                + " for the embedding; PEFT has no such adapter");
            }
        }
        return tokens;
    }

    /** Whether the head's vectors are those of the embedding, stored once. */
    static boolean areTied(BaseModel base, Beside beside) {
        Map<Site, List<Integer>> tokens = of(base, beside);
        List<Integer> embedding = tokens.get(Site.EMBEDDING);
        return base.tiedHead() && embedding != null && embedding.equals(tokens.get(Site.HEAD));
    }

    private static Site site(BaseModel base, String name) {
        if (name.equals(Tokens.EMBEDDING)) {
            return Site.EMBEDDING;
        }
        Optional<Site> found = base.sites().stream()
                .filter(place -> Selector.Names.isEnd(name, place.path()))
                .map(LinearSite::site)
                .findFirst();
        return found.filter(site -> site.layer() < 0)
                .orElseThrow(() -> InlayException.adapter(
                        "trainable_token_indices names \"%s\"; vectors of tokens lie in %s and %s",
                        name, SavedModules.path(base, Site.EMBEDDING), SavedModules.path(base, Site.HEAD)));
    }
}
