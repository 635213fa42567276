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
        Map<Site, Rescaled> rescaled = new LinkedHashMap<>();
        Dora here = mapTensors(tensor -> tensor.to(decoder.device()));
        here.changes.forEach((site, change) -> rescaled.put(
                site,
                new Rescaled(
                        change.change()
                                .with(
                                        own.apply(change.change().up()),
                                        own.apply(change.change().down())),
                        own.apply(change.rowFactors(decoder.weight(site)).to(decoder.dtype())),
                        decoder.bias(site).orElse(null))));
        return new Running(rescaled);
    }

    /**
     * A change whose row factors are known.
     *
     * @param factors [out], f
     */
    private record Rescaled(
            LowRank change, Tensor factors, @Nullable Tensor bias) {
        Tensor apply(Site site, Tensor input, Tensor output) {
            DType type = output.dtype();
            Tensor low = site.equals(Site.EMBEDDING) ? change.columns(input, type) : change.inward(input);
            Tensor product = bias == null ? output : output.minus(bias);
            Tensor scaled = change.outward(low.times(change.scale()), product).times(factors);
            return bias == null ? scaled : scaled.plus(bias);
        }
    }

    private record Running(Map<Site, Rescaled> rescaled) implements Intervention {
        @Override
        public Tensor project(Site site, Tensor input, Tensor output, Pass pass) {
            Rescaled change = rescaled.get(site);
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
