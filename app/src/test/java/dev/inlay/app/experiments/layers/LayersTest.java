package dev.inlay.app.experiments.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Part;
import dev.inlay.dynamics.Head;
import dev.inlay.dynamics.Matrix;
import dev.inlay.dynamics.Perturbation;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Activation;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Pass;
import dev.inlay.model.Projection;
import dev.inlay.model.Rows;
import dev.inlay.model.Site;
import dev.inlay.model.Stream;
import dev.inlay.testing.Golden;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayersTest {
    private static final Path RECORDED = Golden.path("llama-gqa-untied");
    private static final Path MODEL = RECORDED.resolve("model");

    private static Decoder decoder(DType type) {
        return ModelDirectory.open(MODEL).load(type, Device.CPU);
    }

    @Test
    void measuresOfTwoOrthogonalGroupsAreKnown() {
        double[] groups = {1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0};
        double[] one = {0, 0, 2, 0, 0, 2, 0, 0, 2, 0, 0, 2, 0, 0, 2, 0, 0, 2};
        LayerMeasures measures = LayerMeasures.of(new HiddenStates(3, List.of(groups, one), List.of(Math.log(2)), one));
        assertThat(measures.entries()).isEqualTo(2);
        assertThat(measures.at(0, "cosine_mean")).isCloseTo(.4, within(1e-12));
        assertThat(measures.at(0, "cosine_mean_without_first")).isCloseTo(.4, within(1e-12));
        assertThat(measures.at(0, "clusters_0.9")).isEqualTo(2);
        assertThat(measures.at(0, "clusters_plateau")).isEqualTo(2);
        assertThat(measures.at(0, "effective_rank")).isCloseTo(2, within(1e-12));
        assertThat(measures.at(0, "participation_ratio")).isCloseTo(2, within(1e-12));
        assertThat(measures.at(0, "attention_entropy")).isNaN();
        // Half of the 36 pairs, each token with itself included, have product 1 on the sphere.
        assertThat(measures.at(0, "log_energy_1.0")).isCloseTo(Math.log((Math.E + 1) / 4), within(1e-12));
        assertThat(measures.at(1, "clusters_0.9")).isEqualTo(1);
        assertThat(measures.at(1, "effective_rank")).isCloseTo(1, within(1e-12));
        assertThat(measures.at(1, "cosine_mean_centred")).isNaN();
        assertThat(measures.at(1, "merges")).isEqualTo(1);
        assertThat(measures.at(1, "births")).isZero();
        assertThat(measures.at(1, "attention_entropy")).isEqualTo(Math.log(2));
        assertThat(measures.violations(1)).isZero();
        LayerMeasures back = LayerMeasures.of(new HiddenStates(3, List.of(one, groups), List.of(0.0), groups));
        assertThat(back.violations(1)).isEqualTo(1);
    }

    @Test
    void clustersByDensityAndTheFiedlerValueFollowTheLayers() {
        // Groups of 5 and 6 tokens at right angles, then all of them one, then the groups again with one token between.
        double[] two = axes(5, 6);
        double[] one = axes(11);
        double[] between = axes(5, 6);
        between[2 * 10] = 1;
        LayerMeasures measures = LayerMeasures.of(
                new HiddenStates(2, List.of(two, one, between), List.of(Math.log(2), Math.log(2)), between));
        assertThat(measures.at(0, "hdbscan_clusters")).isEqualTo(2);
        assertThat(measures.at(0, "hdbscan_noise")).isZero();
        assertThat(measures.at(0, "hdbscan_births")).isNaN();
        // Of 5 and 5 without the first it would be 2 / (1 + e^5); 4 and 6 are close to it.
        double[] equal = axes(6, 5);
        double fiedler = LayerMeasures.of(new HiddenStates(2, List.of(equal), List.of(), equal))
                .at(0, "fiedler_without_first");
        assertThat(fiedler).isCloseTo(2 / (1 + Math.exp(5)), within(1e-12));
        assertThat(measures.at(0, "fiedler")).isCloseTo(fiedler, within(1e-3));
        // All tokens together are no cluster: both died.
        assertThat(measures.at(1, "hdbscan_clusters")).isZero();
        assertThat(measures.at(1, "hdbscan_noise")).isEqualTo(1);
        assertThat(measures.at(1, "hdbscan_deaths")).isEqualTo(2);
        assertThat(measures.at(1, "hdbscan_merges")).isZero();
        assertThat(measures.at(1, "fiedler")).isCloseTo(1, within(1e-12));
        assertThat(measures.at(2, "hdbscan_clusters")).isEqualTo(2);
        assertThat(measures.at(2, "hdbscan_noise")).isEqualTo(1 / 11.0);
        assertThat(measures.at(2, "hdbscan_births")).isEqualTo(2);
        // The normed states follow on nothing.
        assertThat(measures.at(3, "hdbscan_clusters")).isEqualTo(2);
        assertThat(measures.at(3, "hdbscan_births")).isNaN();
    }

    /** Tokens in the plane, so many along each axis. */
    private static double[] axes(int... counts) {
        double[] x = new double[2 * Arrays.stream(counts).sum()];
        for (int i = 0; 2 * i < x.length; i++) {
            x[2 * i + (i < counts[0] ? 0 : 1)] = 1;
        }
        return x;
    }

    @Test
    void theLastEntryNormedByHandGivesTheRecordedLogits() {
        try (Scope scope = Scope.open();
                Decoder decoder = decoder(DType.FLOAT32)) {
            Map<String, Tensor> cases = Golden.tensors(RECORDED.resolve("cases.safetensors"));
            int[] ids = Golden.ids(cases.get("row0.input_ids"));
            HiddenStates states = HiddenStates.of(decoder, ids, List.of(), 1);
            int d = decoder.config().width();
            int layers = decoder.config().layers();
            assertThat(states.entries()).hasSize(layers + 1);
            assertThat(states.entropies()).hasSize(layers);
            Map<String, Tensor> weights = Golden.tensors(MODEL.resolve("model.safetensors"));
            double[] norm = weights.get("model.norm.weight").toDoubles();
            double[] last = states.entries().get(layers);
            double[] normed = last.clone();
            for (int i = 0; i < ids.length; i++) {
                double square = 0;
                for (int k = 0; k < d; k++) {
                    square += last[i * d + k] * last[i * d + k] / d;
                }
                for (int k = 0; k < d; k++) {
                    normed[i * d + k] *=
                            norm[k] / Math.sqrt(square + decoder.config().norm().epsilon());
                }
            }
            assertThat(states.normed()).containsExactly(normed, within(1e-5));
            Tensor head = weights.get("lm_head.weight").to(DType.FLOAT64);
            Tensor logits = Tensor.of(normed, ids.length, d).matmul(head.transposed());
            assertThat(Golden.difference(cases.get("row0.logits"), logits.to(DType.FLOAT32)))
                    .isLessThan(2e-5);
            double[] embedding = weights.get("model.embed_tokens.weight").toDoubles();
            for (int i = 0; i < ids.length; i++) {
                assertThat(Arrays.copyOfRange(states.entries().get(0), i * d, (i + 1) * d))
                        .containsExactly(Arrays.copyOfRange(embedding, ids[i] * d, (ids[i] + 1) * d));
            }
        }
    }

    @Test
    void aSecondRunOfTheLayersIsAPassOverWhatTheFirstLeft() {
        int[] ids = {5, 6, 7, 8, 9};
        try (Scope scope = Scope.open();
                Decoder decoder = decoder(DType.FLOAT32)) {
            int layers = decoder.config().layers();
            HiddenStates once = HiddenStates.of(decoder, ids, List.of(), 1);
            HiddenStates twice = HiddenStates.of(decoder, ids, List.of(), 2);
            assertThat(twice.entries()).hasSize(2 * layers + 1);
            for (int entry = 0; entry <= layers; entry++) {
                assertThat(twice.entries().get(entry))
                        .containsExactly(once.entries().get(entry));
            }
            double[] left = once.entries().get(layers);
            Intervention instead = new Intervention() {
                @Override
                public Set<Stream> streams() {
                    return Set.of(Stream.TOKEN_EMBEDDING);
                }

                @Override
                public Tensor at(Activation where, Tensor value, Pass pass) {
                    return Tensor.of(left, value.shape()).to(value.dtype());
                }
            };
            double[] expected =
                    decoder.hidden(Pass.over(Rows.of(ids), List.of(instead))).toDoubles();
            assertThat(twice.normed()).containsExactly(expected, within(1e-5));
            assertThat(Arrays.equals(twice.normed(), once.normed())).isFalse();
        }
    }

    @Test
    void controlsDifferFromTheBaseAndAdapterStatesFromBoth() {
        try (Scope scope = Scope.open();
                Decoder decoder = decoder(DType.FLOAT32)) {
            Text text = new Text("ids", new int[] {1, 20, 21, 22, 20, 23, 24, 25}, 8, 1);
            assertThat(text.repeated()).containsExactly(1, 20, 20, 20, 20, 20, 20, 20);
            assertThat(text.shuffled(3)).startsWith(1).containsExactlyInAnyOrder(text.ids());
            assertThat(text.shuffled(3)).isNotEqualTo(text.ids()).isEqualTo(text.shuffled(3));
            Study study = Study.of(MODEL, decoder, List.of(change(decoder, 1)), text, 1, 3, () -> {});
            assertThat(study.sides().keySet())
                    .containsExactly("base", "adapter", "shuffled", "repeated", "random", "adapter_shuffled");
            int last = study.base().entries() - 1;
            List<Double> cosines = new ArrayList<>();
            study.sides().values().forEach(side -> cosines.add(side.at(last, "cosine_mean")));
            assertThat(cosines).doesNotHaveDuplicates();
            assertThat(study.controls().repeated().at(0, "cosine_mean_without_first"))
                    .isCloseTo(1, within(1e-12));
            assertThat(study.controls().shuffled().at(0, "cosine_mean"))
                    .isCloseTo(study.base().at(0, "cosine_mean"), within(1e-12));
            Difference drift = study.differences().get(study.differences().size() - 1);
            assertThat(drift.measure()).isEqualTo("drift");
            assertThat(drift.value()).isPositive();
            assertThat(drift.interval().low()).isLessThan(drift.value());
            assertThat(drift.interval().high()).isGreaterThan(drift.value());
        }
    }

    @Test
    void anAdapterOfNoEffectGivesNoDifference() {
        try (Scope scope = Scope.open();
                Decoder decoder = decoder(DType.FLOAT32)) {
            Text text = new Text("ids", new int[] {1, 20, 21, 22, 20, 23, 24, 25}, 8, 1);
            Study study = Study.of(MODEL, decoder, List.of(change(decoder, 0)), text, 1, 3, () -> {});
            assertThat(study.differences()).isNotEmpty().allSatisfy(each -> {
                assertThat(each.value()).isZero();
                assertThat(each.interval().low()).isZero();
                assertThat(each.interval().high()).isZero();
            });
            List<Part> parts = List.of(change(decoder, 0));
            double[] states = study.states().entries().get(0);
            List<LayerWeights> sides = LayerWeights.of(decoder, DType.FLOAT32, 0, parts, states);
            assertThat(sides).hasSize(2);
            assertThat(sides.get(1).rows().get(LayerWeights.SUM).get("value_change_norm"))
                    .isLessThan(1e-12);
            assertThat(sides.get(1).gap().orElseThrow().aside()).isZero();
            assertThat(sides.get(1).spectra().get("V 0"))
                    .isEqualTo(sides.get(0).spectra().get("V 0"));
        }
    }

    /** Of the values of layer 0. */
    private static Adapter change(Decoder decoder, double scale) {
        Site site = new Site(0, Projection.VALUE);
        Tensor weight = decoder.weight(site);
        Tensor up = Tensor.normal(1, 1, DType.FLOAT32, weight.size(0), 2);
        Tensor down = Tensor.normal(1, 2, DType.FLOAT32, 2, weight.size(1));
        return Adapter.of(Map.of(site, new LowRank(up, down, scale)));
    }

    @Test
    void headsAreThoseOfTheWeightsWithKeysAndValuesForEach() {
        try (Scope scope = Scope.open();
                Decoder decoder = decoder(DType.FLOAT64)) {
            Adapter change = change(decoder, .5);
            AttentionWeights base = AttentionWeights.of(decoder, 0, List.of());
            AttentionWeights adapted = AttentionWeights.of(decoder, 0, List.of(change));
            int count = base.shape().heads();
            assertThat(base.shape().keyValueHeads()).isLessThan(count);
            List<Head> heads = Perturbation.heads(
                    matrix(base.query()), matrix(base.key()), matrix(base.value()), matrix(base.output()), count);
            Matrix sum = heads.get(0).value();
            for (int h = 0; h < count; h++) {
                same(heads.get(h).score(), matrix(base.score(h).dense()));
                same(heads.get(h).value(), matrix(base.value(h).dense()));
                sum = h == 0 ? sum : sum.plus(heads.get(h).value());
            }
            same(sum, matrix(base.values().dense()));
            Site site = new Site(0, Projection.VALUE);
            LowRank factors = change.mapTensors(tensor -> tensor.to(DType.FLOAT64))
                    .factors()
                    .get(site);
            Tensor expected = decoder.weight(site).plus(factors.dense());
            same(matrix(expected), matrix(adapted.value()));
            // The decoder keeps its own weights.
            same(matrix(decoder.weight(site)), matrix(base.value()));
            LayerWeights measured = LayerWeights.of(
                            decoder,
                            DType.FLOAT64,
                            0,
                            List.of(change),
                            new double[2 * (int) base.query().size(1)])
                    .get(1);
            double[] singular = heads.get(0).value().singularValues();
            assertThat(measured.rows().get("0").get("score_rank"))
                    .isEqualTo((double) base.shape().headDim());
            assertThat(LayerWeights.of(decoder, DType.FLOAT64, 0, List.of(), new double[0])
                            .get(0)
                            .rows()
                            .get("0")
                            .get("value_norm"))
                    .isCloseTo(singular[0], within(1e-10));
            Matrix difference = matrix(adapted.values().dense()).minus(sum);
            assertThat(measured.rows().get(LayerWeights.SUM).get("value_change_frobenius"))
                    .isCloseTo(difference.frobenius(), within(1e-8));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2-untied", "phi3-longrope-partial", "gpt-neox"})
    void fusedMapsAreTakenApart(String family) {
        try (Scope scope = Scope.open();
                Decoder decoder = ModelDirectory.open(Golden.path(family).resolve("model"))
                        .load(DType.FLOAT64, Device.CPU)) {
            AttentionWeights weights = AttentionWeights.of(decoder, 0, List.of());
            int[] ids = {3, 4, 5};
            double[][] seen = new double[2][];
            Intervention watch = new Intervention() {
                @Override
                public Set<Stream> streams() {
                    return Set.of(Stream.ATTENTION_NORM, Stream.VALUE);
                }

                @Override
                public Tensor at(Activation where, Tensor value, Pass pass) {
                    if (where.layer() == 0) {
                        seen[where.stream() == Stream.VALUE ? 1 : 0] = value.toDoubles();
                    }
                    return value;
                }
            };
            decoder.hidden(Pass.over(Rows.of(ids), List.of(watch)));
            int d = decoder.config().width();
            int out = Math.toIntExact(weights.value().size(0));
            Tensor values = Tensor.of(seen[0], 3, d).matmul(weights.value().transposed());
            double[] without = values.toDoubles();
            // Differences of two tokens: the bias is in both.
            for (int k = 0; k < out; k++) {
                assertThat(without[out + k] - without[k]).isCloseTo(seen[1][out + k] - seen[1][k], within(1e-10));
            }
        }
    }

    private static void same(Matrix expected, Matrix actual) {
        assertThat(actual.values()).containsExactly(expected.values(), within(1e-12));
    }

    private static Matrix matrix(Tensor tensor) {
        return Matrix.of(Math.toIntExact(tensor.size(0)), Math.toIntExact(tensor.size(1)), tensor.toDoubles());
    }
}
