package dev.inlay.adapter;

import dev.inlay.InlayException;
import dev.inlay.model.LinearSite;
import dev.inlay.model.Projection;
import dev.inlay.model.Site;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which linear maps an adapter changes, in the order of computation.
 *
 * @param sites at least one
 */
public record Targets(SortedSet<Site> sites) {
    public Targets {
        InlayException.require(!sites.isEmpty(), "an adapter needs at least one linear map to change");
        sites = Collections.unmodifiableSortedSet(new TreeSet<>(sites));
    }

    public static Targets of(Collection<Site> sites) {
        return new Targets(new TreeSet<>(sites));
    }

    /** These projections in every layer that has them. */
    public static Targets of(List<LinearSite> model, Set<Projection> projections) {
        return of(model.stream()
                .map(LinearSite::site)
                .filter(site -> projections.contains(site.projection()))
                .toList());
    }

    /** Every linear map but the head. */
    public static Targets allLinear(List<LinearSite> model) {
        return of(model.stream()
                .map(LinearSite::site)
                .filter(site -> !site.equals(Site.HEAD))
                .toList());
    }

    public boolean contains(Site site) {
        return sites.contains(site);
    }
}
