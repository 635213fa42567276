package dev.inlay.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.adapter.gate.FixedGate;
import dev.inlay.adapter.gate.StatedGate;
import dev.inlay.adapter.gate.Trigger;
import dev.inlay.adapter.gate.TriggerGate;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Activation;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;
import dev.inlay.model.KvCache;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Pass;
import dev.inlay.model.Projection;
import dev.inlay.model.Reading;
import dev.inlay.model.Rows;
import dev.inlay.model.Segments;
import dev.inlay.model.Site;
import dev.inlay.model.Stream;
import dev.inlay.testing.Golden;
import dev.inlay.testing.RandomAdapter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Gates in passes, in float64 on a small Llama (three layers, grouped heads); "equal" means bit by bit where it says so. */
class GatedAdapterTest {
    private static final double ROUNDING = 1e-12;
    private static final int[] ROW = {5, 6, 7, 8, 9, 10, 11, 12};
    private static final int START = 5;
    private static final Gate SUFFIX = new FixedGate(Segments.from(START));

    private Scope scope;
    private Decoder decoder;
    private Adapter plain;

    @BeforeEach
    void open() {
        scope = Scope.open();
        decoder = ModelDirectory.open(Golden.path("llama-gqa-untied/model")).load(DType.FLOAT64, Device.CPU);
        plain = RandomAdapter.of(decoder, 1);
    }

    @AfterEach
    void close() {
        decoder.close();
        scope.close();
    }

    private double[] logits(List<? extends Intervention> interventions, int[]... rows) {
        Pass pass = Pass.over(Rows.of(rows), interventions);
        return decoder.logits(decoder.hidden(pass), pass).toDoubles();
    }

    private double[] logits(Adapter adapter, int[]... rows) {
        return logits(List.of(adapter), rows);
    }

    private double[] base() {
        return logits(List.of(), ROW);
    }

    private int vocabulary() {
        return decoder.config().vocabulary();
    }

    private double[] from(double[] logits, int first) {
        return Arrays.copyOfRange(logits, first * vocabulary(), logits.length);
    }

    private double[] until(double[] logits, int end) {
        return Arrays.copyOf(logits, end * vocabulary());
    }

    private static double distance(double[] a, double[] b) {
        assertThat(a).hasSameSizeAs(b);
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i] - b[i]));
        }
        return largest;
    }

    @Test
    void fact1_closedEverywhereIsTheBaseAndOpenEverywhereThePlainAdapter() {
        assertThat(logits(plain.with(new FixedGate(Segments.CLOSED)), ROW)).isEqualTo(base());
        assertThat(logits(plain.with(new FixedGate(Segments.OPEN)), ROW)).isEqualTo(logits(plain, ROW));
        assertThat(distance(logits(plain, ROW), base())).isGreaterThan(0.1);
    }

    @Test
    void fact2_thePrefixOfASuffixGateIsTheBaseBitByBit() {
        Recorder bare = new Recorder();
        double[] expected = logits(List.of(bare), ROW);
        Recorder gated = new Recorder();
        double[] actual = logits(List.of(plain.with(SUFFIX), gated), ROW);
        assertThat(until(actual, START)).isEqualTo(until(expected, START));
        assertThat(distance(from(actual, START), from(expected, START))).isGreaterThan(0.1);
        assertThat(gated.values)
                .hasSize(bare.values.size())
                .hasSize(3 * decoder.config().layers());
        for (int i = 0; i < bare.values.size(); i++) {
            assertThat(gated.prefix(i)).isEqualTo(bare.prefix(i));
        }
    }

    /** Keeps what prefix tokens leave for others, and where they end. */
    private static final class Recorder implements Intervention {
        private final List<double[]> values = new ArrayList<>();

        @Override
        public Set<Stream> streams() {
            return Set.of(Stream.KEY, Stream.VALUE, Stream.RESIDUAL_END);
        }

        @Override
        public Tensor at(Activation where, Tensor value, Pass pass) {
            values.add(value.toDoubles());
            return value;
        }

        double[] prefix(int i) {
            return Arrays.copyOf(values.get(i), values.get(i).length / ROW.length * START);
        }
    }

    @Test
    void strengthIsAFactorOfTheChange() {
        double[] half = logits(plain.with(new FixedGate(Segments.of(0, 0, 0.5))), ROW);
        assertThat(distance(half, logits(plain.times(0.5).with(new FixedGate(Segments.from(2))), ROW)))
                .isLessThan(ROUNDING);
        assertThat(distance(half, logits(plain.with(new FixedGate(Segments.from(2))), ROW)))
                .isGreaterThan(0.01);
    }

    @Test
    void fact11_rowsOfABatchOpenWhereTheyWouldAlone() {
        Adapter gated = plain.with(TriggerGate.of(Trigger.of(List.of(20, 21))));
        int[][] rows = {{20, 21, 5, 6}, {5, 6, 7, 8, 20, 21, 9}, {7, 20, 21}, {20, 21, 9, 20, 21}};
        double[] together = logits(gated, rows);
        int start = 0;
        for (int[] row : rows) {
            double[] alone = logits(gated, row);
            double[] own = Arrays.copyOfRange(together, start, start + alone.length);
            assertThat(distance(own, alone)).isLessThan(ROUNDING);
            start += alone.length;
        }
    }

    @Test
    void segmentsOfSeveralAdaptersOverlap() {
        Adapter other = RandomAdapter.of(decoder, 2);
        Gate late = new FixedGate(Segments.of(0, 0, 0, 1, 1, 1, 0));
        double[] both = logits(List.of(plain.with(SUFFIX), other.with(late)), ROW);
        assertThat(until(both, 3)).isEqualTo(until(base(), 3));
        assertThat(until(both, START)).isEqualTo(until(logits(other.with(late), ROW), START));
        // From the start of the second on, both act: their change is that of their sum on those tokens.
        Adapter sum = plain.plus(other);
        double[] expected = logits(
                List.of(
                        other.with(new FixedGate(Segments.of(0, 0, 0, 1, 1, 0))),
                        sum.with(new FixedGate(Segments.of(0, 0, 0, 0, 0, 1, 0))),
                        plain.with(new FixedGate(Segments.from(6)))),
                ROW);
        assertThat(distance(both, expected)).isLessThan(ROUNDING);
    }

    @ParameterizedTest
    @EnumSource(
            value = Projection.class,
            names = {"QUERY", "KEY", "VALUE", "ATTENTION_OUTPUT", "GATE", "UP", "DOWN"})
    void fact16and17_whatAPrefixGateOfOneMapInOneLayerCanReach(Projection projection) {
        int last = decoder.config().layers() - 1;
        boolean reaches = projection == Projection.KEY || projection == Projection.VALUE;
        Adapter ofLast = RandomAdapter.of(decoder, 1, site -> site.layer() == last && site.projection() == projection);
        double difference = distance(from(logits(ofLast.with(SUFFIX), ROW), START), from(logits(ofLast, ROW), START));
        if (reaches) {
            assertThat(difference).isGreaterThan(1e-4);
        } else {
            assertThat(difference).isLessThan(ROUNDING);
        }
        Adapter ofFirst = RandomAdapter.of(decoder, 1, site -> site.layer() == 0 && site.projection() == projection);
        assertThat(distance(from(logits(ofFirst.with(SUFFIX), ROW), START), from(logits(ofFirst, ROW), START)))
                .isGreaterThan(1e-6);
    }

    @Test
    void fact20_theBiasOfAnAdapterIsGatedToo() {
        UpBiases biases = biases(SUFFIX);
        List<Intervention> both = Parts.of(plain.with(SUFFIX), biases).on(decoder);
        double[] actual = logits(both, ROW);
        assertThat(until(actual, START)).isEqualTo(until(base(), START));
        assertThat(distance(from(actual, START), from(logits(plain.with(SUFFIX), ROW), START)))
                .isGreaterThan(0.01);
        double[] halved =
                logits(Parts.of(biases(new FixedGate(Segments.of(0, 0.5)))).on(decoder), ROW);
        assertThat(distance(
                        halved,
                        logits(Parts.of(biases(new FixedGate(Segments.from(1)))).on(decoder), ROW)))
                .isGreaterThan(0.01);
    }

    private UpBiases biases(Gate gate) {
        Map<Site, UpBiases.Scaled> biases = new TreeMap<>();
        plain.ordered()
                .forEach((site, factor) ->
                        biases.put(site, new UpBiases.Scaled(Tensor.normal(0.3, 3, DType.FLOAT64, factor.out()), 2)));
        return new UpBiases(new TreeMap<>(biases), gate);
    }

    @Test
    void fact21_cutsAtEveryIndexAndTokenByTokenGiveTheWholeRow() {
        Adapter gated = plain.with(TriggerGate.of(Trigger.of(List.of(ROW[START], ROW[START + 1]))));
        double[] whole = logits(gated, ROW);
        assertThat(whole).isEqualTo(logits(plain.with(SUFFIX), ROW));
        for (int cut = 1; cut < ROW.length; cut++) {
            assertThat(distance(cached(gated, 0, cut, ROW.length), whole)).isLessThan(ROUNDING);
        }
        assertThat(distance(cached(gated, 0, 1, 2, 3, 4, 5, 6, 7, 8), whole)).isLessThan(ROUNDING);
    }

    private double[] cached(Adapter adapter, int... ends) {
        try (KvCache cache = decoder.newCache(1)) {
            cache.expect(0, Reading.of(ROW));
            double[] all = {};
            for (int i = 1; i < ends.length; i++) {
                Rows rows = Rows.of(Arrays.copyOfRange(ROW, ends[i - 1], ends[i]));
                Pass pass = Pass.continuing(cache, rows, List.of(adapter));
                double[] some = decoder.logits(decoder.hidden(pass), pass).toDoubles();
                double[] longer = Arrays.copyOf(all, all.length + some.length);
                System.arraycopy(some, 0, longer, all.length, some.length);
                all = longer;
            }
            return all;
        }
    }

    @Test
    void aCacheThatWasNotToldWhatItReadsRefusesAGate() {
        try (KvCache cache = decoder.newCache(1)) {
            Pass pass = Pass.continuing(cache, Rows.of(ROW), List.of(plain.with(SUFFIX)));
            assertThatThrownBy(() -> decoder.hidden(pass)).hasMessageContaining("KvCache.expect");
        }
    }

    /** A longer prompt may open the gate elsewhere: what was read under the other gate does not hold. */
    @Test
    void aCacheSaysHowMuchHoldsUnderAnotherPrompt() {
        Adapter gated = plain.with(TriggerGate.of(Trigger.of(List.of(6))));
        int[] longer = {5, 6, 7, 8, 6, 9};
        try (KvCache cache = decoder.newCache(1)) {
            assertThat(cache.expect(0, Reading.of(Arrays.copyOf(longer, 4)))).isZero();
            decoder.hidden(Pass.continuing(cache, Rows.of(Arrays.copyOf(longer, 4)), List.of(gated)));
            assertThat(cache.expect(0, Reading.of(Arrays.copyOf(longer, 4)))).isEqualTo(4);
            assertThat(cache.expect(0, Reading.of(longer))).isEqualTo(1);
            cache.truncate(0, 1);
            cache.expect(0, Reading.of(longer));
            Pass rest = Pass.continuing(cache, Rows.of(Arrays.copyOfRange(longer, 1, 6)), List.of(gated));
            double[] logits = decoder.logits(decoder.hidden(rest), rest).toDoubles();
            assertThat(distance(logits, from(logits(gated, longer), 1))).isLessThan(ROUNDING);
        }
    }

    @Test
    void rowsThatStateTheirSegmentsAreFollowed() {
        Rows rows = Rows.reading(List.of(
                new Reading(ROW, ROW.length, Segments.from(START)), new Reading(ROW, ROW.length, Segments.CLOSED)));
        Pass pass = Pass.over(rows, List.of(plain.with(new StatedGate())));
        double[] logits = decoder.logits(decoder.hidden(pass), pass).toDoubles();
        assertThat(distance(until(logits, ROW.length), logits(plain.with(SUFFIX), ROW)))
                .isLessThan(ROUNDING);
        assertThat(distance(from(logits, ROW.length), base())).isLessThan(ROUNDING);
    }

    @Test
    void gradientsOfAGateAreThoseOfTheFactorOneOrZero() {
        Gate gate = new FixedGate(Segments.of(0, 1, 0, 0.5, 0, 2));
        double[] byRows = gradients(plain.with(gate));
        double[] byFactor = gradients(new Adapter(plain.targets(), plain.factors(), Gate.OPEN, new Factor(gate)));
        assertThat(distance(byRows, byFactor)).isLessThan(1e-10);
        assertThat(Arrays.stream(byRows).map(Math::abs).max().orElse(0)).isGreaterThan(0.1);
    }

    /** The gate as it is written in the formula: every token multiplied by its number. */
    private record Factor(Gate gate) implements Modulation {
        @Override
        public Tensor apply(Site site, Tensor x, Tensor inner, Pass pass) {
            int[] places = pass.places();
            int[] positions = pass.positions();
            double[] factors = Arrays.stream(places)
                    .mapToDouble(place -> pass.segments(gate, 0).at(positions[place]))
                    .toArray();
            return inner.times(Tensor.of(factors, factors.length, 1));
        }
    }

    private double[] gradients(Adapter adapter) {
        List<Tensor> leaves = new ArrayList<>();
        Adapter tracked = adapter.mapTensors(tensor -> {
            Tensor leaf = tensor.asLeaf();
            leaves.add(leaf);
            return leaf;
        });
        Pass pass = Pass.over(Rows.of(ROW), List.of(tracked));
        Tensor logits = decoder.logits(decoder.hidden(pass), pass);
        logits.times(Tensor.normal(1, 9, DType.FLOAT64, logits.shape())).sum().backward();
        return leaves.stream()
                .flatMapToDouble(leaf -> Arrays.stream(
                        leaf.gradient() == null
                                ? new double[(int) leaf.count()]
                                : leaf.gradient().toDoubles()))
                .toArray();
    }
}
