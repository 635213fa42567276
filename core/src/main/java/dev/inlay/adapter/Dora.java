package dev.inlay.adapter;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.Pass;
import dev.inlay.model.Site;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Weight-decomposed low-rank changes (DoRA) of some linear maps:
 *
 * <pre>{@code y = b + f . (W h + scale * up (down h)),   f = m / |W + scale * up down|}</pre>
 *
 * <p>The bias b of the map is not scaled. W h is scaled, so nobody may have added to it before.
 *
 * @param changes at least one, in the order of computation
 */
public record Dora(SortedMap<Site, Decomposed> changes) implements Part {
    public Dora {
        InlayException.require(!changes.isEmpty(), "an adapter needs at least one linear map to change");
        changes = new TreeMap<>(changes);
    }

    @Override
    public Intervention on(Decoder decoder, UnaryOperator<Tensor> own) {
        Map<Site, Bound> bound = new LinkedHashMap<>();
        Dora here = mapTensors(tensor -> own.apply(tensor.to(decoder.device())));
        here.changes.forEach((site, change) -> bound.put(
                site,
                new Bound(
                        change,
                        own.apply(change.inverseLengths(decoder.weight(site))),
                        decoder.bias(site).orElse(null))));
        return new Running(bound);
    }

    /**
     * A change, and what it needs of the decoder.
     *
     * @param inverseLengths [out], 1 / |W + scale * up down|
     * @param bias [out] of the map, or null
     */
    private record Bound(
            Decomposed decomposed,
            Tensor inverseLengths,
            @Nullable Tensor bias) {
        Tensor apply(Site site, Tensor input, Tensor output) {
            DType type = output.dtype();
            LowRank change = decomposed.change();
            Tensor low = site.equals(Site.EMBEDDING) ? change.columns(input, type) : change.inward(input);
            Tensor product = bias == null ? output : output.minus(bias);
            // The magnitude itself is multiplied here, so that its gradient is found wherever this is computed again.
            Tensor factors = decomposed.magnitude().times(inverseLengths).to(type);
            Tensor scaled = change.outward(low.times(change.scale()), product).times(factors);
            return bias == null ? scaled : scaled.plus(bias);
        }
    }

    private record Running(Map<Site, Bound> bound) implements Intervention {
        @Override
        public Tensor project(Site site, Tensor input, Tensor output, Pass pass) {
            Bound change = bound.get(site);
            return change == null ? output : change.apply(site, input, output);
        }
    }

    @Override
    public String kind() {
        return "DoRA";
    }

    @Override
    public Set<Site> sites() {
        return changes.keySet();
    }

    @Override
    public Map<Slot, Tensor> tensors() {
        Map<Slot, Tensor> tensors = new LinkedHashMap<>();
        changes.forEach((site, change) -> {
            tensors.put(new Slot(site, Role.UP), change.change().up());
            tensors.put(new Slot(site, Role.DOWN), change.change().down());
            tensors.put(new Slot(site, Role.MAGNITUDE), change.magnitude());
        });
        return tensors;
    }

    @Override
    public Dora mapTensors(UnaryOperator<Tensor> map) {
        SortedMap<Site, Decomposed> mapped = new TreeMap<>();
        changes.forEach((site, each) -> {
            Tensor up = map.apply(each.change().up());
            Tensor down = map.apply(each.change().down());
            mapped.put(site, each.with(up, down, map.apply(each.magnitude())));
        });
        return new Dora(mapped);
    }

    @Override
    public Map<Site, LowRank> factors() {
        Map<Site, LowRank> factors = new LinkedHashMap<>();
        changes.forEach((site, change) -> factors.put(site, change.change()));
        return factors;
    }

    @Override
    public String setting(Site site) {
        Decomposed change = changes.get(site);
        return change == null ? "" : String.valueOf(change.change().scale());
    }

    @Override
    public Optional<Edit> weightEdit(Site site) {
        return Optional.ofNullable(changes.get(site)).map(Decomposed::edit);
    }

    @Override
    public boolean goesFirst() {
        return true;
    }
}
