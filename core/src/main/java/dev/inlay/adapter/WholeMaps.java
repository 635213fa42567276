package dev.inlay.adapter;

import dev.inlay.engine.Linear;
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
 * Maps that were trained whole and take the place of the base's: {@code y = W' h + b'}. PEFT: {@code modules_to_save}.
 *
 * @param maps at least one
 */
public record WholeMaps(SortedMap<Site, Whole> maps) implements Part {
    /**
     * @param weight in the shape in which models store it: [out, in], or [in, out] if transposed
     * @param bias [out], or null where the map has none
     * @param transposed as GPT-2 stores its maps, and every model its embedding
     */
    public record Whole(Tensor weight, @Nullable Tensor bias, boolean transposed) {
        /** [out, in]. */
        Tensor matrix() {
            return transposed ? weight.transposed() : weight;
        }

        Whole map(UnaryOperator<Tensor> change) {
            Tensor changed = change.apply(weight);
            return new Whole(changed, bias == null ? null : change.apply(bias), transposed);
        }
    }

    public WholeMaps {
        maps = new TreeMap<>(maps);
    }

    @Override
    public Intervention on(Decoder decoder, UnaryOperator<Tensor> own) {
        WholeMaps here =
                mapTensors(tensor -> own.apply(tensor.to(decoder.device()).to(decoder.dtype())));
        return new Running(here.maps);
    }

    private record Running(Map<Site, Whole> maps) implements Intervention {
        @Override
        public Tensor project(Site site, Tensor input, Tensor output, Pass pass) {
            Whole map = maps.get(site);
            if (map == null) {
                return output;
            }
            return site.equals(Site.EMBEDDING)
                    ? map.weight().rows(input)
                    : Linear.apply(input, map.matrix(), map.bias());
        }
    }

    @Override
    public String kind() {
        return "maps trained whole";
    }

    @Override
    public Set<Site> sites() {
        return maps.keySet();
    }

    @Override
    public Map<Slot, Tensor> tensors() {
        Map<Slot, Tensor> tensors = new LinkedHashMap<>();
        maps.forEach((site, map) -> {
            tensors.put(new Slot(site, Role.WEIGHT), map.weight());
            if (map.bias() != null) {
                tensors.put(new Slot(site, Role.BIAS), map.bias());
            }
        });
        return tensors;
    }

    @Override
    public WholeMaps mapTensors(UnaryOperator<Tensor> change) {
        SortedMap<Site, Whole> mapped = new TreeMap<>();
        maps.forEach((site, map) -> mapped.put(site, map.map(change)));
        return new WholeMaps(mapped);
    }

    @Override
    public Optional<Edit> weightEdit(Site site) {
        return Optional.ofNullable(maps.get(site)).map(map -> Biases.replacing(map.matrix()));
    }

    @Override
    public Optional<Edit> biasEdit(Site site) {
        return Optional.ofNullable(maps.get(site))
                .map(Whole::bias)
                .map(bias -> Biases.replacing(bias.reshape(bias.size(0), 1)));
    }

    @Override
    public boolean goesFirst() {
        return true;
    }

    @Override
    public boolean keepsTie() {
        Whole embedding = maps.get(Site.EMBEDDING);
        Whole head = maps.get(Site.HEAD);
        if (embedding == null || head == null) {
            return !maps.containsKey(Site.EMBEDDING) && !maps.containsKey(Site.HEAD);
        }
        return head.weight().minus(embedding.weight()).maxAbs() == 0;
    }
}
