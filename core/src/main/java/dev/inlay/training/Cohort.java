package dev.inlay.training;

import static dev.inlay.InlayException.require;

import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Modulation;
import dev.inlay.adapter.Parts;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Site;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Adapters of one form that learn side by side from the same rows: each row stands in a pass once for each of them, the
 * base's maps are computed for all together, and the low-rank changes as one batched product. They may differ in where they
 * start and in their learning rates; what each becomes is what it would become alone, but for rounding.
 *
 * <p>Memory for activations is that of one adapter times their number. Evaluate them one by one ({@link #member}).
 */
public final class Cohort implements Trainable {
    private final Scope owner = Scope.detached();
    private final Tensor values;
    private final List<Parameters> members = new ArrayList<>();
    private final List<Double> rates;
    private final Adapter form;

    /**
     * One of them.
     *
     * @param start as which it begins; it is copied
     * @param rate its learning rate over that of the options
     */
    public record Member(Adapter start, double rate) {}

    /**
     * @param starts at least one; of equal maps, ranks, scales and gates, without modulation and without a change of the head
     * @throws dev.inlay.InlayException if they are not
     */
    public Cohort(List<Member> starts) {
        require(!starts.isEmpty(), "at least one adapter is needed");
        this.rates = starts.stream().map(Member::rate).toList();
        rates.forEach(rate -> require(rate > 0 && Double.isFinite(rate), "a rate must be positive, was %s", rate));
        Adapter first = starts.get(0).start();
        starts.forEach(member -> requireAlike(member.start(), first));
        long each = first.parameters();
        try (Scope scope = Scope.open()) {
            this.values = owner.own(Tensor.empty(DType.FLOAT32, Device.CPU, starts.size() * each));
            for (int i = 0; i < starts.size(); i++) {
                Tensor room = values.narrow(0, i * each, each);
                members.add(Parameters.in(room, Parts.of(starts.get(i).start())));
            }
        }
        this.form = members.get(0).parts().plain().orElseThrow();
    }

    private static void requireAlike(Adapter adapter, Adapter form) {
        require(
                !adapter.sites().contains(Site.HEAD) && !adapter.sites().contains(Site.EMBEDDING),
                "adapters that learn together change neither the head nor the embedding; train these alone");
        require(
                adapter.modulation().equals(Modulation.NONE) && adapter.gate().equals(form.gate()),
                "adapters that learn together have one gate and no modulation, found %s and %s",
                adapter.gate(),
                form.gate());
        require(
                shapes(adapter).equals(shapes(form)),
                "adapters that learn together have equal maps, ranks and scales; train the others alone");
    }

    private static Map<Site, String> shapes(Adapter adapter) {
        Map<Site, String> shapes = new LinkedHashMap<>();
        adapter.ordered()
                .forEach((site, change) -> shapes.put(
                        site, change.rank() + " " + change.in() + " " + change.out() + " " + change.scale()));
        return shapes;
    }

    /** One of them as it stands; it changes with every step. */
    public Parameters member(int number) {
        return members.get(number);
    }

    @Override
    public Tensor values() {
        return values;
    }

    @Override
    public List<Long> members() {
        return members.stream().map(Parameters::count).toList();
    }

    @Override
    public void check(TrainingOptions options) {
        members.get(0).check(options);
    }

    @Override
    public List<Slice> slices(TrainingOptions options) {
        return IntStream.range(0, members.size())
                .boxed()
                .flatMap(i -> members.get(i).slices(options).stream()
                        .map(slice -> new Slice(slice.count(), slice.rate() * rates.get(i), slice.decay())))
                .toList();
    }

    @Override
    public List<Tensor> tensors(Device device) {
        return List.of(values.to(device));
    }

    @Override
    public Model with(Decoder decoder, List<Tensor> tensors) {
        Tensor all = tensors.get(0).reshape(members.size(), form.parameters());
        Map<Tensor, Long> offsets = new LinkedHashMap<>();
        long offset = 0;
        for (Tensor tensor : Parameters.ordered(Parts.of(form))) {
            offsets.put(tensor, offset);
            offset += tensor.count();
        }
        Map<Site, SideBySide.Factors> factors = new LinkedHashMap<>();
        form.ordered().forEach((site, change) -> factors.put(site, factors(all, change, offsets)));
        return new Model(decoder, List.of(new SideBySide(members.size(), factors, form.gate())), true);
    }

    private static SideBySide.Factors factors(Tensor all, LowRank change, Map<Tensor, Long> offsets) {
        return new SideBySide.Factors(
                stacked(all, change.up(), offsets), stacked(all, change.down(), offsets), change.scale());
    }

    /** [members, rows, columns] of what is [rows, columns] in the form. */
    private static Tensor stacked(Tensor all, Tensor factor, Map<Tensor, Long> offsets) {
        long offset = Objects.requireNonNull(offsets.get(factor));
        return all.narrow(1, offset, factor.count()).reshape(all.size(0), factor.size(0), factor.size(1));
    }

    @Override
    public List<String> unmoved() {
        return members.stream()
                .flatMap(member -> member.unmoved().stream())
                .distinct()
                .toList();
    }

    @Override
    public void close() {
        members.forEach(Parameters::close);
        owner.close();
    }
}
