package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.BaseCopies;
import dev.inlay.adapter.Biases;
import dev.inlay.adapter.Decomposed;
import dev.inlay.adapter.Dora;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Part;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.Role;
import dev.inlay.adapter.Slot;
import dev.inlay.adapter.TokenVectors;
import dev.inlay.adapter.UpBiases;
import dev.inlay.adapter.WholeMaps;
import dev.inlay.engine.Tensor;
import dev.inlay.model.LinearSite;
import dev.inlay.model.Site;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes an adapter of the tensors of its file. */
final class StoredParts {
    private final BaseModel base;
    private final Beside beside;
    private final Map<Slot, Tensor> tensors;
    private final Map<Site, Double> scales = new HashMap<>();

    private StoredParts(BaseModel base, Beside beside, List<Target> targets, Map<Slot, Tensor> tensors) {
        this.base = base;
        this.beside = beside;
        this.tensors = new LinkedHashMap<>(tensors);
        Map<String, Site> sites = sites(base);
        targets.forEach(target -> scales.put(sites.get(target.path()), target.scale()));
    }

    /** @param tensors every tensor that {@link Contents} asks for, and both factors of each target */
    static Parts of(BaseModel base, Beside beside, List<Target> targets, Map<Slot, Tensor> tensors) {
        return new StoredParts(base, beside, targets, tensors).parts();
    }

    static Map<String, Site> sites(BaseModel base) {
        Map<String, Site> sites = new LinkedHashMap<>();
        base.sites().forEach(place -> sites.put(place.path(), place.site()));
        return sites;
    }

    /** In the order in which they act: what takes the place of a map, what scales it, what is added to it. */
    private Parts parts() {
        List<Part> parts = new ArrayList<>();
        SortedMap<Site, Tensor> copies = taken(Role.COPY);
        if (!copies.isEmpty()) {
            parts.add(new BaseCopies(copies));
        }
        wholeMaps(parts);
        tokens(parts);
        parts.add(lowRank());
        SortedMap<Site, Tensor> upBiases = taken(Role.UP_BIAS);
        if (!upBiases.isEmpty()) {
            SortedMap<Site, UpBiases.Scaled> scaled = new TreeMap<>();
            upBiases.forEach((site, bias) -> scaled.put(site, new UpBiases.Scaled(bias, scale(site))));
            parts.add(new UpBiases(scaled, beside.gate()));
        }
        SortedMap<Site, Tensor> biases = taken(Role.BIAS);
        if (!biases.isEmpty()) {
            parts.add(new Biases(biases));
        }
        return new Parts(parts);
    }

    private void wholeMaps(List<Part> parts) {
        SortedMap<Site, WholeMaps.Whole> maps = new TreeMap<>();
        taken(Role.WEIGHT).forEach((site, weight) -> {
            Tensor bias = tensors.remove(new Slot(site, Role.BIAS));
            maps.put(site, new WholeMaps.Whole(weight, bias, place(site).storedTransposed()));
        });
        if (!maps.isEmpty()) {
            parts.add(new WholeMaps(maps));
        }
    }

    private void tokens(List<Part> parts) {
        boolean tied = TrainedTokens.areTied(base, beside);
        SortedMap<Site, Tensor> rows = taken(Role.TOKENS);
        SortedMap<Site, TokenVectors.Chosen> vectors = new TreeMap<>();
        TrainedTokens.of(base, beside).forEach((site, ids) -> {
            Tensor own = rows.get(tied ? Site.EMBEDDING : site);
            if (own != null) {
                vectors.put(site, new TokenVectors.Chosen(ids, own));
            }
        });
        if (!vectors.isEmpty()) {
            parts.add(new TokenVectors(vectors, tied));
        }
    }

    private Part lowRank() {
        SortedMap<Site, Tensor> downs = taken(Role.DOWN);
        SortedMap<Site, Tensor> ups = taken(Role.UP);
        SortedMap<Site, Tensor> magnitudes = taken(Role.MAGNITUDE);
        SortedMap<Site, LowRank> factors = new TreeMap<>();
        ups.forEach((site, up) -> factors.put(site, new LowRank(up, there(downs.get(site), site), scale(site))));
        if (!beside.dora()) {
            return Adapter.of(factors).with(beside.gate());
        }
        SortedMap<Site, Decomposed> changes = new TreeMap<>();
        factors.forEach((site, factor) -> changes.put(site, new Decomposed(factor, there(magnitudes.get(site), site))));
        return new Dora(changes);
    }

    private static Tensor there(@Nullable Tensor tensor, Site site) {
        if (tensor == null) {
            throw new IllegalStateException("a tensor of " + site + " was not read");
        }
        return tensor;
    }

    private double scale(Site site) {
        return scales.getOrDefault(site, 1.0);
    }

    private LinearSite place(Site site) {
        return base.sites().stream()
                .filter(place -> place.site().equals(site))
                .findFirst()
                .orElseThrow(() -> InlayException.adapter("this base has no %s", site));
    }

    private SortedMap<Site, Tensor> taken(Role role) {
        SortedMap<Site, Tensor> taken = new TreeMap<>();
        tensors.forEach((slot, tensor) -> {
            if (slot.role() == role) {
                taken.put(slot.site(), tensor);
            }
        });
        taken.keySet().forEach(site -> tensors.remove(new Slot(site, role)));
        return taken;
    }
}
