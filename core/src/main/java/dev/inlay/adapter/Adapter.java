package dev.inlay.adapter;

import dev.inlay.InlayException;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Acting;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;
import dev.inlay.model.Pass;
import dev.inlay.model.Reading;
import dev.inlay.model.Site;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * A low-rank change of some linear maps of a decoder, for some tokens, possibly different per row:
 *
 * <pre>{@code y_t = W h_t + g_t * scale * up (down h_t + x_d . (A h_t))}</pre>
 *
 * <p>It is applied from outside, as an {@link Intervention} of a pass; the decoder is not changed and stays usable by
 * others. Adapters compose by listing several. Whoever made the factors owns them.
 *
 * @param targets which maps W
 * @param factors up, down and scale of each target; exactly one per target
 * @param gate which tokens, g
 * @param modulation what the row's vector x does
 */
public record Adapter(Targets targets, Map<Site, LowRank> factors, Gate gate, Modulation modulation)
        implements Gated, Part {

    public Adapter {
        factors = Map.copyOf(factors);
        if (!factors.keySet().equals(targets.sites())) {
            throw InlayException.adapter(
                    "%d targets, %d of them with factors; an adapter needs factors for each",
                    targets.sites().size(),
                    factors.keySet().stream().filter(targets::contains).count());
        }
    }

    @Override
    public Adapter with(Gate other) {
        return new Adapter(targets, factors, other, modulation);
    }

    /** A plain adapter: open gate, no modulation. */
    public static Adapter of(Map<Site, LowRank> factors) {
        return new Adapter(Targets.of(factors.keySet()), factors, Gate.OPEN, Modulation.NONE);
    }

    @Override
    public Tensor project(Site site, Tensor input, Tensor output, Pass pass) {
        LowRank change = factors.get(site);
        if (change == null) {
            return output;
        }
        Acting acting = pass.acting(gate);
        return acting.apply(input, output, pass, (x, y, open) -> {
            Tensor low = site.equals(Site.EMBEDDING) ? change.columns(x, y.dtype()) : change.inward(x);
            Tensor inner = modulation.apply(site, x, low, open).times(change.scale());
            return change.outward(acting.weighted(inner), y);
        });
    }

    @Override
    public int begins(Reading row) {
        return gate.over(row).firstOpen();
    }

    @Override
    public Adapter on(Decoder decoder, UnaryOperator<Tensor> own) {
        return mapTensors(factor -> own.apply(factor.to(decoder.device())));
    }

    @Override
    public String kind() {
        return "low-rank changes";
    }

    @Override
    public Set<Site> sites() {
        return targets.sites();
    }

    @Override
    public Map<Slot, Tensor> tensors() {
        Map<Slot, Tensor> tensors = new LinkedHashMap<>();
        ordered().forEach((site, factor) -> {
            tensors.put(new Slot(site, Role.UP), factor.up());
            tensors.put(new Slot(site, Role.DOWN), factor.down());
        });
        return tensors;
    }

    @Override
    public String setting(Site site) {
        LowRank change = factors.get(site);
        return change == null ? "" : String.valueOf(change.scale());
    }

    @Override
    public void requireMergeable() {
        Part.requireOpen(gate);
        if (!modulation.equals(Modulation.NONE)) {
            throw InlayException.adapter(
                    "the adapter's modulation (%s) differs from row to row, and a merged weight does not; use it unmerged",
                    modulation);
        }
    }

    @Override
    public Optional<Edit> weightEdit(Site site) {
        return Optional.ofNullable(factors.get(site)).map(LowRank::edit);
    }

    @Override
    public boolean keepsTie() {
        LowRank embedding = factors.get(Site.EMBEDDING);
        LowRank head = factors.get(Site.HEAD);
        if (embedding == null || head == null) {
            return !factors.containsKey(Site.EMBEDDING) && !factors.containsKey(Site.HEAD);
        }
        return head.isTransposeOf(embedding);
    }

    /** Number of trained values. */
    public long parameters() {
        return factors.values().stream().mapToLong(LowRank::parameters).sum();
    }

    /** The factors in the order of computation. */
    public Map<Site, LowRank> ordered() {
        return new TreeMap<>(factors);
    }

    /** That many times the change of every map: how strongly it acts, below zero against what was learned. Exact. */
    public Adapter times(double factor) {
        return mapChanges(change -> change.times(factor));
    }

    /**
     * The sum of two adapters, over all maps that either changes. Their ranks add on maps that both change.
     *
     * @throws InlayException if either has a gate or a modulation: such changes do not add
     */
    public Adapter plus(Adapter other) {
        requireAddable();
        other.requireAddable();
        Map<Site, LowRank> sum = new TreeMap<>(factors);
        other.factors.forEach((site, change) -> sum.merge(site, change, LowRank::plus));
        return of(sum);
    }

    /** The difference of two adapters; see {@link #plus}. */
    public Adapter minus(Adapter other) {
        return plus(other.times(-1));
    }

    /** Changes of some tokens or rows only are no part of one matrix. */
    public void requireAddable() {
        if (!gate.equals(Gate.OPEN) || !modulation.equals(Modulation.NONE)) {
            throw InlayException.adapter(
                    "adapters add only without gate and modulation, found gate %s, modulation %s; use them side by side",
                    gate, modulation);
        }
    }

    /** The same changes of some of its maps. */
    public Adapter only(Predicate<Site> which) {
        Map<Site, LowRank> some = new TreeMap<>(factors);
        some.keySet().removeIf(which.negate());
        return new Adapter(Targets.of(some.keySet()), some, gate, modulation);
    }

    /** The same adapter with every change replaced. */
    public Adapter mapChanges(UnaryOperator<LowRank> change) {
        Map<Site, LowRank> changed = new TreeMap<>();
        ordered().forEach((site, factor) -> changed.put(site, change.apply(factor)));
        return new Adapter(targets, changed, gate, modulation);
    }

    /** The same adapter with every factor replaced: copied, made a leaf, moved. */
    @Override
    public Adapter mapTensors(UnaryOperator<Tensor> change) {
        return mapChanges(factor -> {
            Tensor up = change.apply(factor.up());
            return factor.with(up, change.apply(factor.down()));
        });
    }
}
