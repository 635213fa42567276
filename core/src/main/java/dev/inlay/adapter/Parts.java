package dev.inlay.adapter;

import dev.inlay.InlayException;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;
import dev.inlay.model.Site;
import dev.inlay.model.generation.Voice;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * All of an adapter, in the order in which it acts.
 *
 * @param list none for an adapter that does nothing; a part that takes the place of a map or scales it comes before all others on that map
 */
public record Parts(List<Part> list) {
    public Parts {
        list = List.copyOf(list);
        Set<Site> touched = new HashSet<>();
        for (Part part : list) {
            for (Site site : part.sites()) {
                if (!touched.add(site) && part.goesFirst()) {
                    throw InlayException.adapter(
                            "%s is changed by two parts of the adapter, and %s cannot act on what another changed",
                            site, part.kind());
                }
            }
        }
    }

    public static Parts of(Part... parts) {
        return new Parts(List.of(parts));
    }

    /** As a pass over this decoder takes them; new tensors belong to the innermost scope. */
    public List<Intervention> on(Decoder decoder) {
        return on(decoder, UnaryOperator.identity());
    }

    /** As {@link #on(Decoder)}, and each tensor is given to an owner; see {@link Part#on}. */
    public List<Intervention> on(Decoder decoder, UnaryOperator<Tensor> own) {
        return list.stream().map(part -> part.on(decoder, own)).toList();
    }

    /**
     * As a session over this decoder takes it.
     *
     * @param own as in {@link Part#on}
     * @throws InlayException if a part acts on every token whatever a gate says
     */
    public Voice voice(Decoder decoder, UnaryOperator<Tensor> own) {
        List<Gated> gated = new ArrayList<>();
        for (Part part : list) {
            if (!(part.on(decoder, own) instanceof Gated intervention)) {
                throw InlayException.adapter(
                        "the adapter has %s, which no gate can close; merge it into its model first (inlay merge)",
                        part.kind());
            }
            gated.add(intervention);
        }
        return new Voice(
                AdapterDigest.of(with(Gate.OPEN)),
                list.get(0).gate(),
                gate -> gated.stream()
                        .<Intervention>map(each -> each.with(gate))
                        .toList());
    }

    /** The tensors of all parts. */
    public Map<Slot, Tensor> tensors() {
        Map<Slot, Tensor> tensors = new LinkedHashMap<>();
        list.forEach(part -> tensors.putAll(part.tensors()));
        return tensors;
    }

    /** The same with every tensor replaced: copied, made a leaf, moved. */
    public Parts mapTensors(UnaryOperator<Tensor> change) {
        return new Parts(list.stream().map(part -> part.mapTensors(change)).collect(Collectors.toList()));
    }

    /** The same for other tokens, as far as its parts have gates. */
    public Parts with(Gate gate) {
        return new Parts(list.stream().map(part -> part.with(gate)).collect(Collectors.toList()));
    }

    /** The maps that are changed. */
    public Set<Site> sites() {
        return list.stream().flatMap(part -> part.sites().stream()).collect(Collectors.toSet());
    }

    /** The low-rank changes among them, those of DoRA included, in the order of computation. */
    public Map<Site, LowRank> factors() {
        Map<Site, LowRank> factors = new TreeMap<>();
        list.forEach(part -> factors.putAll(part.factors()));
        return factors;
    }

    /** The adapter, if it is low-rank changes and nothing else. */
    public Optional<Adapter> plain() {
        return list.size() == 1 && list.get(0) instanceof Adapter adapter ? Optional.of(adapter) : Optional.empty();
    }

    /** What there is beside plain low-rank changes, in words; empty if nothing. */
    public List<String> beside() {
        List<String> words = new ArrayList<>();
        list.stream().filter(part -> !(part instanceof Adapter)).forEach(part -> words.add(part.kind()));
        return words;
    }
}
