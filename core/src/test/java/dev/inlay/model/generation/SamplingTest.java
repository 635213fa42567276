package dev.inlay.model.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.inlay.InlayException;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.testing.Seeds;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class SamplingTest {
    private static final BitSet NOTHING = new BitSet();

    private static float[] logits(Random random, int count, double spread) {
        float[] logits = new float[count];
        for (int i = 0; i < count; i++) {
            logits[i] = (float) (spread * random.nextGaussian());
        }
        return logits;
    }

    private static float[] processed(Sampling sampling, float[] logits) {
        float[] left = logits.clone();
        new Sampler(sampling).process(left, NOTHING);
        return left;
    }

    private static double[] probabilities(float[] logits) {
        double best = IntStream.range(0, logits.length)
                .mapToDouble(i -> logits[i])
                .max()
                .orElseThrow();
        double[] masses = IntStream.range(0, logits.length)
                .mapToDouble(i -> Math.exp(logits[i] - best))
                .toArray();
        double total = Arrays.stream(masses).sum();
        return Arrays.stream(masses).map(mass -> mass / total).toArray();
    }

    private static int[] kept(float[] left) {
        return IntStream.range(0, left.length)
                .filter(i -> left[i] != Float.NEGATIVE_INFINITY)
                .toArray();
    }

    @TestFactory
    Stream<DynamicTest> whatTheProcessorsLeaveEqualsTheRecordedLogits() {
        Path folder = Path.of("src", "test", "resources", "golden");
        JsonObject recorded = Json.readObject(folder.resolve("sampling.json"));
        assertThat(recorded.texts("order"))
                .containsExactly("repetition_penalty", "temperature", "top_k", "top_p", "min_p");
        return recorded.objects("cases").stream()
                .map(c -> dynamicTest(c.text("name"), () -> {
                    try (Scope scope = Scope.open();
                            SafetensorsFile file = SafetensorsFile.open(folder.resolve("sampling.safetensors"))) {
                        compareWithRecorded(c, file);
                    }
                }));
    }

    private static void compareWithRecorded(JsonObject recorded, SafetensorsFile file) {
        Sampler sampler = new Sampler(settings(recorded.object("settings")));
        Tensor input = file.load(file.tensor(recorded.text("input")));
        Tensor history = file.load(file.tensor("history"));
        Tensor expected = file.load(file.tensor(recorded.text("name") + ".logits"));
        assertThat(input.size(0)).isPositive();
        for (int row = 0; row < input.size(0); row++) {
            BitSet seen = new BitSet();
            Arrays.stream(history.narrow(0, row, 1).toLongs()).forEach(id -> seen.set((int) id));
            float[] left = input.narrow(0, row, 1).toFloats();
            sampler.process(left, seen);
            assertThat(left).containsExactly(expected.narrow(0, row, 1).toFloats(), within(2e-6f));
        }
    }

    private static Sampling settings(JsonObject json) {
        return new Sampling(
                json.number("temperature", 1),
                (int) json.integer("top_k", 0, Integer.MAX_VALUE, 0),
                json.number("top_p", 1),
                json.number("min_p", 0),
                json.number("repetition_penalty", 1),
                0);
    }

    @TestFactory
    Stream<DynamicTest> topPKeepsTheFewestBestTokensThatReachTheMass() {
        return Seeds.each(100, random -> {
            float[] logits = logits(random, 1 + random.nextInt(3000), 4 * random.nextDouble());
            double p = 0.001 + 0.998 * random.nextDouble();
            double[] probabilities = probabilities(logits);
            int[] kept = kept(processed(Sampling.of(1, 0).withTopP(p), logits));
            double mass = Arrays.stream(kept).mapToDouble(i -> probabilities[i]).sum();
            double least =
                    Arrays.stream(kept).mapToDouble(i -> probabilities[i]).min().orElseThrow();
            assertThat(mass).isGreaterThan(p - 1e-9);
            assertThat(mass - least).isLessThan(p + 1e-9);
            assertThat(IntStream.range(0, logits.length)
                            .filter(i -> probabilities[i] > least)
                            .boxed())
                    .isSubsetOf(Arrays.stream(kept).boxed().toList());
        });
    }

    @TestFactory
    Stream<DynamicTest> topKKeepsTheBestAndAllThatEqualTheLast() {
        return Seeds.each(100, random -> {
            float[] logits = logits(random, 1 + random.nextInt(3000), 1);
            for (int i = 0; i < logits.length; i++) {
                logits[i] = Math.round(logits[i] * 20) / 20f; // many ties
            }
            int k = 1 + random.nextInt(logits.length);
            float[] sorted = logits.clone();
            Arrays.sort(sorted);
            float least = sorted[sorted.length - k];
            assertThat(kept(processed(Sampling.of(1, 0).withTopK(k), logits)))
                    .isEqualTo(IntStream.range(0, logits.length)
                            .filter(i -> logits[i] >= least)
                            .toArray());
        });
    }

    @TestFactory
    Stream<DynamicTest> minPKeepsExactlyTheTokensWithThatShareOfTheBest() {
        return Seeds.each(100, random -> {
            float[] logits = logits(random, 1 + random.nextInt(3000), 3);
            double p = random.nextDouble();
            double[] probabilities = probabilities(logits);
            double best = Arrays.stream(probabilities).max().orElseThrow();
            assertThat(kept(processed(Sampling.of(1, 0).withMinP(p), logits)))
                    .isEqualTo(IntStream.range(0, logits.length)
                            .filter(i -> probabilities[i] >= p * best)
                            .toArray());
        });
    }

    @Test
    void ofTokensEqualAtTheEdgeOfTopPTheLowestIdsStay() {
        float[] left = processed(Sampling.of(1, 0).withTopP(0.5), new float[8]);
        assertThat(kept(left)).containsExactly(0, 1, 2, 3);
    }

    @Test
    void drawsFollowTheProbabilities() {
        float[] logits = {0, 1, Float.NEGATIVE_INFINITY, 2};
        double[] expected = probabilities(logits);
        Sampler sampler = new Sampler(Sampling.of(1, 3));
        int[] counts = new int[4];
        int draws = 40_000;
        for (int step = 0; step < draws; step++) {
            counts[sampler.next(logits.clone(), NOTHING, 0, step)]++;
        }
        for (int id = 0; id < 4; id++) {
            // Five standard deviations of a binomial share.
            double slack = 5 * Math.sqrt(expected[id] * (1 - expected[id]) / draws);
            assertThat((double) counts[id] / draws).isCloseTo(expected[id], within(slack));
        }
    }

    @Test
    void aDrawDependsOnSeedRowAndStepAlone() {
        float[] logits = logits(new Random(5), 500, 0.5);
        List<Integer> once = draws(new Sampler(Sampling.of(1, 11)), logits, 4);
        Sampler used = new Sampler(Sampling.of(1, 11));
        draws(used, logits, 9);
        assertThat(draws(used, logits, 4)).isEqualTo(once);
        assertThat(draws(used, logits, 5)).isNotEqualTo(once);
        assertThat(draws(new Sampler(Sampling.of(1, 12)), logits, 4)).isNotEqualTo(once);
        assertThat(once.stream().distinct().count()).isGreaterThan(30);
    }

    private static List<Integer> draws(Sampler sampler, float[] logits, int row) {
        return IntStream.range(0, 50)
                .mapToObj(step -> sampler.next(logits.clone(), NOTHING, row, step))
                .toList();
    }

    @Test
    void greedyTakesTheLowestOfEqualIdsAndHeedsTheRepetitionPenalty() {
        BitSet seen = new BitSet();
        seen.set(1);
        seen.set(3);
        float[] logits = {-1, 4, 3, -0.5f, 3};
        assertThat(new Sampler(Sampling.greedy()).next(logits.clone(), seen, 0, 0))
                .isEqualTo(1);
        assertThat(new Sampler(Sampling.greedy().withRepetitionPenalty(2)).next(logits.clone(), seen, 0, 0))
                .isEqualTo(2);
    }

    @Test
    void logitsThatAreNoNumbersAreAnErrorThatNamesTheRow() {
        for (float[] logits :
                List.of(new float[] {0, Float.NaN}, new float[] {Float.POSITIVE_INFINITY, 0}, new float[] {
                    Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY
                })) {
            assertThatThrownBy(() -> new Sampler(Sampling.greedy()).next(logits, NOTHING, 17, 4))
                    .isInstanceOfSatisfying(InlayException.class, e -> {
                        assertThat(e.kind()).isEqualTo(InlayException.Kind.DIVERGED);
                        assertThat(e).hasMessageContaining("row 17").hasMessageContaining("4");
                    });
        }
    }

    @Test
    void extremeSettingsStillChooseTheBestToken() {
        float[] logits = logits(new Random(8), 1000, 1e4);
        int best = IntStream.range(0, 1000)
                .boxed()
                .max(Comparator.comparingDouble(i -> logits[i]))
                .orElseThrow();
        for (Sampling sampling : List.of(
                Sampling.of(1e-6, 1),
                Sampling.of(1e6, 1).withTopK(1),
                Sampling.of(1e6, 1).withTopP(1e-300),
                Sampling.of(1e6, 1).withMinP(1))) {
            assertThat(new Sampler(sampling).next(logits.clone(), NOTHING, 0, 0))
                    .isEqualTo(best);
        }
    }

    @Test
    void settingsOutOfRangeAreRefusedWithTheirValue() {
        Sampling plain = Sampling.greedy();
        refused(() -> Sampling.of(-0.1, 0), "-0.1");
        refused(() -> Sampling.of(Double.NaN, 0), "NaN");
        refused(() -> plain.withTopK(-3), "-3");
        refused(() -> plain.withTopP(0), "0.0");
        refused(() -> plain.withTopP(1.5), "1.5");
        refused(() -> plain.withMinP(-0.2), "-0.2");
        refused(() -> plain.withRepetitionPenalty(0), "0.0");
    }

    private static void refused(Runnable setting, String value) {
        assertThatThrownBy(setting::run)
                .isInstanceOfSatisfying(
                        InlayException.class, e -> assertThat(e.kind()).isEqualTo(InlayException.Kind.USAGE))
                .hasMessageContaining(value);
    }
}
