package dev.inlay.adapter.twin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.gate.FixedGate;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Pass;
import dev.inlay.model.Projection;
import dev.inlay.model.Reading;
import dev.inlay.model.Rows;
import dev.inlay.model.Segments;
import dev.inlay.testing.Golden;
import dev.inlay.testing.RandomAdapter;
import dev.inlay.testing.RandomLlama;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the tokens of an adapted side read, in float64; suffix results alone are compared, for they are what counts. */
class TwinReadersTest {
    private static final double ROUNDING = 1e-12;
    private static final int START = 5;
    private static final Gate SUFFIX = new FixedGate(Segments.from(START));
    private static final List<Reading> ROWS = List.of(
            Reading.of(new int[] {5, 6, 7, 8, 9, 10, 11, 12, 13}), Reading.of(new int[] {14, 15, 9, 8, 30, 31, 32}));

    @TempDir
    Path folder;

    private Scope scope;
    private Decoder decoder;
    private Adapter adapter;

    @BeforeEach
    void open() {
        scope = Scope.open();
        decoder = ModelDirectory.open(Golden.path("llama-gqa-untied/model")).load(DType.FLOAT64, Device.CPU);
        adapter = RandomAdapter.of(decoder, 1);
    }

    @AfterEach
    void close() {
        decoder.close();
        scope.close();
    }

    /** Logits of all suffix tokens. */
    private static double[] logits(Decoder decoder, Parts parts) {
        TwinPass twin = TwinPass.over(ROWS, parts.on(decoder));
        int[] suffix = twin.places(suffix());
        Tensor hidden = decoder.hidden(twin.pass()).rows(Tensor.of(suffix));
        return decoder.logits(hidden, twin.pass().at(suffix)).toDoubles();
    }

    private static int[] suffix() {
        Rows rows = Rows.reading(ROWS);
        return IntStream.range(0, rows.tokens())
                .filter(place -> place - rows.start(rows.rowOf(place)) >= START)
                .toArray();
    }

    private double[] masked() {
        return logits(decoder, Parts.of(adapter.with(SUFFIX)));
    }

    private double[] unmasked() {
        return logits(decoder, Parts.of(adapter));
    }

    private double[] base() {
        return logits(decoder, Parts.of());
    }

    private double[] reading(Reader reader) {
        return reading(Readers.all(reader));
    }

    private double[] reading(Readers readers, double... biases) {
        return logits(
                decoder,
                Parts.of(
                        adapter,
                        biases.length == 0
                                ? TwinReaders.of(readers, SUFFIX)
                                : TwinReaders.of(decoder, readers, SUFFIX, biases)));
    }

    private static double distance(double[] a, double[] b) {
        assertThat(a).hasSameSizeAs(b);
        return IntStream.range(0, a.length)
                .mapToDouble(i -> Math.abs(a[i] - b[i]))
                .max()
                .orElse(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"llama-gqa-untied", "qwen3-layer-types", "gemma2", "mistral-window", "phi3-longrope-partial"})
    void fact12_baseKeysAndValuesOfThePrefixAreTheMask(String family) {
        try (Decoder other = ModelDirectory.open(Golden.path(family + "/model")).load(DType.FLOAT64, Device.CPU)) {
            Adapter own = RandomAdapter.of(other, 1);
            double[] mask = logits(other, Parts.of(own.with(SUFFIX)));
            double[] open = logits(other, Parts.of(own));
            assertThat(distance(mask, open)).isGreaterThan(1e-3);
            Parts readers = Parts.of(own, TwinReaders.of(Readers.all(Reader.BASE_PREFIX), SUFFIX));
            assertThat(distance(logits(other, readers), mask)).isLessThan(ROUNDING);
            Parts adapted = Parts.of(own, TwinReaders.of(Readers.all(Reader.ADAPTED), SUFFIX));
            assertThat(distance(logits(other, adapted), open)).isLessThan(ROUNDING);
            Reader knockedOut = Reader.of(Source.without(prefixTerms(), Set.of(Share.INDIRECT, Share.DIRECT)));
            Parts without = Parts.of(own, TwinReaders.of(Readers.all(knockedOut), SUFFIX));
            assertThat(distance(logits(other, without), mask)).isLessThan(ROUNDING);
        }
    }

    /** Every product with what the adapter did to a key. */
    private static Set<Term> prefixTerms() {
        Set<Term> terms = new java.util.HashSet<>();
        for (Share query : Share.ADAPTED) {
            terms.add(new Term(query, Share.INDIRECT));
            terms.add(new Term(query, Share.DIRECT));
        }
        return terms;
    }

    @Test
    void fact13_twoSourcesWithHalfTheWeightEachAreOneAtTheStart() {
        Adapter silent = adapter.times(0);
        double[] base = base();
        for (double bias : new double[] {Math.log(0.5), 0}) {
            Parts both = Parts.of(silent, TwinReaders.of(decoder, Readers.all(Reader.BOTH), SUFFIX, bias, bias));
            double distance = distance(logits(decoder, both), base);
            if (bias == 0) {
                assertThat(distance).isGreaterThan(1e-3);
            } else {
                assertThat(distance).isLessThan(ROUNDING);
            }
        }
    }

    @Test
    void fact13_biasesLeadFromTheMaskToNoMask() {
        Readers both = Readers.all(Reader.BOTH);
        assertThat(distance(reading(both, 0, -800), masked())).isLessThan(ROUNDING);
        assertThat(distance(reading(both, -800, 0), unmasked())).isLessThan(ROUNDING);
        assertThat(distance(reading(both, -0.7, -0.7), masked())).isGreaterThan(1e-3);
        assertThat(distance(reading(both, -0.7, -0.7), unmasked())).isGreaterThan(1e-3);
    }

    @Test
    void fact13_headsAndLayersLeadFromTheMaskToNoMask() {
        int heads = decoder.config().attention().keyValueHeads();
        int layers = decoder.config().layers();
        assertThat(distance(reading(Readers.fromHead(heads, Reader.BASE_PREFIX, Reader.ADAPTED)), masked()))
                .isLessThan(ROUNDING);
        assertThat(distance(reading(Readers.fromHead(0, Reader.BASE_PREFIX, Reader.ADAPTED)), unmasked()))
                .isLessThan(ROUNDING);
        assertThat(distance(reading(Readers.fromLayer(layers, Reader.BASE_PREFIX, Reader.ADAPTED)), masked()))
                .isLessThan(ROUNDING);
        double[] some = reading(Readers.fromHead(1, Reader.BASE_PREFIX, Reader.ADAPTED));
        assertThat(distance(some, masked())).isGreaterThan(1e-4);
        assertThat(distance(some, unmasked())).isGreaterThan(1e-4);
        double[] deep = reading(Readers.fromLayer(1, Reader.BASE_PREFIX, Reader.ADAPTED));
        assertThat(distance(deep, some)).isGreaterThan(1e-4);
    }

    @Test
    void fact13_fusedLogitsLeadFromTheMaskToNoMask() {
        Adapter bodied = RandomAdapter.of(decoder, 1, site -> site.layer() >= 0);
        double[] mask = logits(decoder, Parts.of(bodied.with(SUFFIX)));
        double[] open = logits(decoder, Parts.of(bodied));
        double[] half = logits(decoder, Parts.of(bodied.with(SUFFIX), new LateFusion(0.25)));
        double[] expected = IntStream.range(0, mask.length)
                .mapToDouble(i -> 0.75 * mask[i] + 0.25 * open[i])
                .toArray();
        assertThat(distance(half, expected)).isLessThan(ROUNDING);
        assertThat(distance(logits(decoder, Parts.of(bodied.with(SUFFIX), new LateFusion(0))), mask))
                .isLessThan(ROUNDING);
        assertThat(distance(logits(decoder, Parts.of(bodied.with(SUFFIX), new LateFusion(1))), open))
                .isLessThan(ROUNDING);
    }

    @Test
    void fact15_adaptersOfAllButKeysStillChangeKeysInEveryLayerButTheFirst() {
        Parts noKeys = Parts.of(RandomAdapter.of(decoder, 1, site -> site.projection() != Projection.KEY));
        List<double[]> direct = new ArrayList<>();
        List<double[]> indirect = new ArrayList<>();
        new Terms(decoder, noKeys, SUFFIX).of(ROWS.get(0), layer -> {
            direct.add(layer.keys(Share.DIRECT).toDoubles());
            indirect.add(layer.keys(Share.INDIRECT).toDoubles());
        });
        assertThat(direct).hasSize(decoder.config().layers());
        assertThat(direct).allSatisfy(each -> assertThat(greatest(each)).isZero());
        assertThat(greatest(indirect.get(0))).isZero();
        assertThat(indirect.subList(1, indirect.size()))
                .allSatisfy(each -> assertThat(greatest(each)).isGreaterThan(1e-3));
    }

    @Test
    void fact15_baseKeysWithAdaptedValuesAreNeitherParent() {
        double[] star = reading(Reader.BASE_KEYS);
        assertThat(distance(star, masked())).isGreaterThan(1e-3);
        assertThat(distance(star, unmasked())).isGreaterThan(1e-3);
        assertThat(distance(star, reading(Reader.BASE_VALUES))).isGreaterThan(1e-3);
        assertThat(distance(star, reading(Reader.of(Reader.BASE_KEYS.inside()))))
                .isGreaterThan(1e-4);
    }

    private static double greatest(double[] values) {
        return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }

    @Test
    void fact14_nineTermsMakeTheScoreAndThreeTheOutput() {
        List<Double> errors = new ArrayList<>();
        List<Double> least = new ArrayList<>();
        new Terms(decoder, Parts.of(adapter), SUFFIX).of(ROWS.get(0), layer -> {
            Tensor sum = null;
            for (Share query : Share.ADAPTED) {
                for (Share key : Share.ADAPTED) {
                    Tensor term = layer.score(new Term(query, key));
                    least.add(layer.layer() == 0 ? 1 : term.maxAbs());
                    sum = sum == null ? term : sum.plus(term);
                }
            }
            Tensor whole = layer.scores(Source.ADAPTED.scores());
            errors.add(sum.minus(whole).maxAbs());
            LayerTerms.Outputs outputs = layer.outputs();
            Tensor change = layer.mixed(Share.ADAPTED).minus(layer.mixed(Set.of(Share.BASE)));
            Tensor parts = outputs.routing().plus(outputs.content()).plus(outputs.cross());
            errors.add(parts.minus(change).maxAbs());
            least.add(change.maxAbs());
        });
        assertThat(errors).hasSize(2 * decoder.config().layers()).allMatch(error -> error < ROUNDING);
        assertThat(least).allMatch(value -> value > 1e-6);
    }

    @Test
    void fact18_withoutRotationTheAddedQueriesMeetBaseKeysInTheAdaptersRank() {
        int[] ids = IntStream.range(0, 50).map(i -> (i * 7 + 3) % 64).toArray();
        Gate gate = new FixedGate(Segments.from(30));
        for (boolean rotated : new boolean[] {false, true}) {
            String family = rotated ? "llama-gqa-untied" : "gpt2-untied";
            try (Decoder other =
                    ModelDirectory.open(Golden.path(family + "/model")).load(DType.FLOAT64, Device.CPU)) {
                Projection map = rotated ? Projection.QUERY : Projection.QUERY_KEY_VALUE;
                Adapter own = RandomAdapter.of(other, 3, site -> site.layer() == 0 && site.projection() == map);
                int headDim = other.config().attention().headDim();
                new Terms(other, Parts.of(own), gate).of(Reading.of(ids), layer -> {
                    if (layer.layer() == 0) {
                        Tensor block = layer.score(new Term(Share.DIRECT, Share.BASE));
                        int rank = rank(block.narrow(0, 0, 1).reshape(block.size(1), block.size(2)));
                        if (rotated) {
                            assertThat(rank).isGreaterThan(3).isLessThanOrEqualTo(headDim);
                        } else {
                            assertThat(rank).isEqualTo(3);
                        }
                    }
                });
            }
        }
    }

    /** Gaussian elimination with full pivots. */
    private static int rank(Tensor matrix) {
        int rows = (int) matrix.size(0);
        int columns = (int) matrix.size(1);
        double[] flat = matrix.contiguous().toDoubles();
        double greatest = greatest(flat);
        int rank = 0;
        boolean[] used = new boolean[rows];
        while (true) {
            int row = -1;
            int column = -1;
            double pivot = greatest * 1e-10;
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns && !used[i]; j++) {
                    if (Math.abs(flat[i * columns + j]) > pivot) {
                        pivot = Math.abs(flat[i * columns + j]);
                        row = i;
                        column = j;
                    }
                }
            }
            if (row < 0) {
                return rank;
            }
            used[row] = true;
            rank++;
            for (int i = 0; i < rows; i++) {
                if (!used[i]) {
                    double factor = flat[i * columns + column] / flat[row * columns + column];
                    for (int j = 0; j < columns; j++) {
                        flat[i * columns + j] -= factor * flat[row * columns + j];
                    }
                }
            }
        }
    }

    @Test
    void fact16And19_inOneLayerOnlyKeysAndValuesTellTheMaskAndDirectIsAllThereIs() {
        new RandomLlama(1, 16, 24, 4, 2, 64).write(folder, DType.FLOAT32);
        try (Decoder single = ModelDirectory.open(folder).load(DType.FLOAT64, Device.CPU)) {
            for (Projection projection : new Projection[] {
                Projection.QUERY, Projection.KEY, Projection.VALUE, Projection.ATTENTION_OUTPUT, Projection.DOWN
            }) {
                Adapter own = RandomAdapter.of(single, 1, site -> site.projection() == projection);
                double distance = distance(logits(single, Parts.of(own.with(SUFFIX))), logits(single, Parts.of(own)));
                if (projection == Projection.KEY || projection == Projection.VALUE) {
                    assertThat(distance).isGreaterThan(1e-4);
                } else {
                    assertThat(distance).isLessThan(ROUNDING);
                }
                Adapter deep = RandomAdapter.of(decoder, 1, site -> site.projection() == projection);
                assertThat(distance(logits(decoder, Parts.of(deep.with(SUFFIX))), logits(decoder, Parts.of(deep))))
                        .as("three layers, %s", projection)
                        .isGreaterThan(1e-6);
            }
            Adapter all = RandomAdapter.of(single, 1);
            Parts direct = Parts.of(all, TwinReaders.of(Readers.all(Reader.DIRECT), SUFFIX));
            assertThat(distance(logits(single, direct), logits(single, Parts.of(all))))
                    .isLessThan(ROUNDING);
        }
        assertThat(distance(reading(Reader.DIRECT), unmasked())).isGreaterThan(1e-3);
        assertThat(distance(reading(Reader.DIRECT), masked())).isGreaterThan(1e-3);
    }

    @Test
    void withBaseKeysAndValuesEverywhereKeysAndValuesNeedNoAdapter() {
        double[] all = reading(Reader.BASE_EVERYWHERE);
        Adapter reading = RandomAdapter.of(
                decoder, 1, site -> site.projection() != Projection.KEY && site.projection() != Projection.VALUE);
        double[] less = logits(decoder, Parts.of(reading, TwinReaders.of(Readers.all(Reader.BASE_EVERYWHERE), SUFFIX)));
        assertThat(distance(all, less)).isLessThan(ROUNDING);
        assertThat(distance(all, masked())).isGreaterThan(1e-3);
        assertThat(distance(all, base())).isGreaterThan(1e-3);
    }

    @Test
    void aBatchOfRowsGivesEachRowsOwnResults() {
        Parts parts = Parts.of(adapter, TwinReaders.of(Readers.all(Reader.BASE_KEYS), SUFFIX));
        double[] together = logits(decoder, parts);
        TwinPass alone = TwinPass.over(ROWS.subList(1, 2), parts.on(decoder));
        int[] places = alone.places(5, 6);
        double[] single = decoder.logits(
                        decoder.hidden(alone.pass()).rows(Tensor.of(places)),
                        alone.pass().at(places))
                .toDoubles();
        double[] last = Arrays.copyOfRange(together, together.length - single.length, together.length);
        assertThat(distance(last, single)).isLessThan(ROUNDING);
    }

    @Test
    void aTriggerOnTheFirstTokenLeavesNoPrefix() {
        Gate first = new FixedGate(Segments.OPEN);
        Parts parts = Parts.of(adapter, TwinReaders.of(Readers.all(Reader.BASE_PREFIX), first));
        assertThat(distance(logits(decoder, parts), unmasked())).isLessThan(ROUNDING);
        Parts never =
                Parts.of(adapter, TwinReaders.of(Readers.all(Reader.BASE_PREFIX), new FixedGate(Segments.CLOSED)));
        assertThat(distance(logits(decoder, never), unmasked())).isLessThan(ROUNDING);
    }

    @Test
    void whatCannotBeReadByTwoSidesIsRefused() {
        TwinReaders readers = TwinReaders.of(Readers.all(Reader.BOTH), SUFFIX);
        assertThatThrownBy(() ->
                        TwinPass.over(ROWS, Parts.of(adapter, readers, readers).on(decoder)))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("in one way");
        assertThatThrownBy(() -> Pass.continuing(
                        decoder.newCache(2),
                        Rows.reading(ROWS),
                        List.of(TwinPass.junction(Parts.of(readers).on(decoder))
                                .orElseThrow()
                                .sides(List.of())
                                .both())))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("whole rows");
        assertThat(readers.sites()).isEmpty();
        assertThatThrownBy(readers::requireMergeable).isInstanceOf(InlayException.class);
        assertThatThrownBy(new LateFusion(0.5)::requireMergeable).isInstanceOf(InlayException.class);
        assertThatThrownBy(() -> new LateFusion(1.5)).isInstanceOf(InlayException.class);
        assertThatThrownBy(() -> new Source(Set.of(), Set.of(Share.BASE))).isInstanceOf(InlayException.class);
    }
}
