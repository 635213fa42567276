package dev.inlay.analysis;

import dev.inlay.adapter.LowRank;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * What an adapter changes.
 *
 * @param modules in the order given
 */
public record AdapterChanges(List<ModuleChange> modules) {
    public AdapterChanges {
        modules = List.copyOf(modules);
    }

    /**
     * Measures every map.
     *
     * @param changes by path
     * @param weightNorm Frobenius norm of the weight at a path, or empty
     */
    public static AdapterChanges of(Map<String, LowRank> changes, Function<String, OptionalDouble> weightNorm) {
        List<ModuleChange> modules = new ArrayList<>();
        changes.forEach((path, change) -> modules.add(
                new ModuleChange(new ModulePath(path), change.rank(), change.spectrum(), weightNorm.apply(path))));
        return new AdapterChanges(modules);
    }

    /** Sum of the energies of all maps. */
    public double energy() {
        return modules.stream()
                .mapToDouble(module -> module.spectrum().energy())
                .sum();
    }

    /** Share of the energy in the maps of each kind, the names in the order of their first map. */
    public Map<String, Double> energyByKind() {
        return shares(module -> module.path().kind());
    }

    /** Share of the energy in each layer; maps in no layer go by their kind. */
    public Map<String, Double> energyByLayer() {
        return shares(module -> module.path().layer().isPresent()
                ? String.valueOf(module.path().layer().getAsInt())
                : module.path().kind());
    }

    /** All 0 for an adapter that changes nothing. */
    private Map<String, Double> shares(Function<ModuleChange, String> group) {
        double energy = energy();
        Map<String, Double> shares = new LinkedHashMap<>();
        modules.forEach(module -> shares.merge(
                group.apply(module), energy == 0 ? 0 : module.spectrum().energy() / energy, Double::sum));
        return shares;
    }
}
