package dev.inlay.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.testing.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class OrderTest {

    @TestFactory
    Stream<DynamicTest> aPermutationIsOne() {
        return Seeds.each(20, random -> {
            int size = random.nextInt(500);
            int[] order = Permutation.of(size, random.nextLong(), random.nextInt(100));
            assertThat(order).containsExactlyInAnyOrder(IntStream.range(0, size).toArray());
        });
    }

    @Test
    void orderIsAFunctionOfSeedAndStream() {
        assertThat(Permutation.of(100, 7, 3)).isEqualTo(Permutation.of(100, 7, 3));
        assertThat(Permutation.of(100, 7, 3)).isNotEqualTo(Permutation.of(100, 7, 4));
        assertThat(Permutation.of(100, 7, 3)).isNotEqualTo(Permutation.of(100, 8, 3));
    }

    /** Recorded from a Python version of the same definition; a change would reorder the data of every resumed run. */
    @Test
    void orderNeverChangesBetweenVersions() {
        assertThat(Permutation.of(10, 42, 0)).containsExactly(8, 5, 4, 9, 3, 7, 0, 1, 2, 6);
    }

    @Test
    void allOrdersOfFourAreAboutEquallyLikely() {
        Map<String, Integer> counts = new HashMap<>();
        for (int seed = 0; seed < 24_000; seed++) {
            counts.merge(Arrays.toString(Permutation.of(4, seed, 0)), 1, Integer::sum);
        }
        // 1,000 each expected, standard deviation 31
        assertThat(counts).hasSize(24);
        assertThat(counts.values()).allMatch(n -> Math.abs(n - 1000) < 160);
    }

    @TestFactory
    Stream<DynamicTest> everyExampleIsTakenOncePerEpoch() {
        return Seeds.each(30, random -> {
            List<Example> examples = examples(random);
            Units units = new Units(examples, batch(random), 1 + random.nextInt(200), random.nextLong());
            for (int epoch = 0; epoch < 3; epoch++) {
                List<Integer> taken = new ArrayList<>();
                for (int j = 0; j < units.stepsPerEpoch(); j++) {
                    Step step = units.step((long) epoch * units.stepsPerEpoch() + j);
                    assertThat(step.epoch()).isEqualTo(epoch);
                    assertThat(step.units()).isNotEmpty();
                    step.units().forEach(unit -> Arrays.stream(unit.examples()).forEach(taken::add));
                }
                assertThat(taken)
                        .containsExactlyInAnyOrderElementsOf(
                                IntStream.range(0, examples.size()).boxed().toList());
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> resumeAtAnyStepEqualsRunningThrough() {
        return Seeds.each(10, random -> {
            List<Example> examples = examples(random);
            Batch batch = batch(random);
            long seed = random.nextLong();
            Units through = new Units(examples, batch, 100, seed);
            long steps = 3L * through.stepsPerEpoch();
            List<String> seen = new ArrayList<>();
            for (long k = 0; k < steps; k++) {
                seen.add(describe(through.step(k)));
            }
            long k = random.nextInt((int) steps);
            assertThat(describe(new Units(examples, batch, 100, seed).step(k))).isEqualTo(seen.get((int) k));
        });
    }

    @Test
    void epochsAndSeedsDifferInOrder() {
        List<Example> examples = examples(new Random(1));
        Units units = new Units(examples, Batch.rows(1), 100, 1);
        Units other = new Units(examples, Batch.rows(1), 100, 2);
        assertThat(order(units, 0)).isNotEqualTo(order(units, 1)).isNotEqualTo(order(other, 0));
    }

    @TestFactory
    Stream<DynamicTest> unitsCarryEveryTargetOnceWithItsLabel() {
        return Seeds.each(30, random -> {
            List<Example> examples = examples(random);
            int limit = 1 + random.nextInt(150);
            for (Unit unit : Units.all(examples, limit)) {
                assertThat(unit.examples().length == 1 || unit.tokens() <= limit)
                        .isTrue();
                assertThat(Arrays.stream(unit.lengths()).sum()).isEqualTo(unit.tokens());
                assertThat(unit.positions()).isSorted();
                int offset = 0;
                int targets = 0;
                for (int r = 0; r < unit.examples().length; r++) {
                    assertRow(unit, r, offset, examples.get(unit.examples()[r]));
                    offset += unit.lengths()[r];
                    targets += examples.get(unit.examples()[r]).targets();
                }
                assertThat(unit.targets()).isEqualTo(targets);
            }
        });
    }

    private static void assertRow(Unit unit, int row, int offset, Example example) {
        for (int i = 0; i < example.length(); i++) {
            if (i < unit.lengths()[row]) {
                assertThat(unit.ids()[offset + i]).isEqualTo(example.ids()[i]);
            }
            int found = i == 0 ? -1 : Arrays.binarySearch(unit.positions(), offset + i - 1);
            boolean here = found >= 0 && i <= unit.lengths()[row];
            assertThat(here).isEqualTo(example.target()[i]);
            if (here) {
                assertThat(unit.labels()[found]).isEqualTo(example.ids()[i]);
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> equalLengthsAreNeighboursAndLongestComesFirst() {
        return Seeds.each(10, random -> {
            List<Integer> lengths = new ArrayList<>();
            Units.all(examples(random), 100)
                    .forEach(unit -> Arrays.stream(unit.lengths()).forEach(lengths::add));
            assertThat(lengths).isSortedAccordingTo((a, b) -> b - a);
        });
    }

    @Test
    void rowsBehindTheLastTargetAreNoInput() {
        Example example = new Example(new int[] {5, 6, 7, 8}, new boolean[] {false, true, false, false}, 1);
        Unit unit = Units.all(List.of(example), 10).get(0);
        assertThat(unit.ids()).containsExactly(5);
        assertThat(unit.positions()).containsExactly(0);
        assertThat(unit.labels()).containsExactly(6);
    }

    @Test
    void rowBatchesAreEven() {
        assertThat(Batch.rows(4).bounds(new int[9])).containsExactly(0, 3, 6, 9);
        assertThat(Batch.rows(4).bounds(new int[8])).containsExactly(0, 4, 8);
        assertThat(Batch.rows(4).bounds(new int[1])).containsExactly(0, 1);
    }

    @TestFactory
    Stream<DynamicTest> tokenBatchesKeepTheirBudgetWithinARow() {
        return Seeds.each(30, random -> {
            int[] lengths = random.ints(1 + random.nextInt(200), 1, 50).toArray();
            Batch batch = Batch.tokens(50 + random.nextInt(300));
            int[] bounds = batch.bounds(lengths);
            int budget = ((Batch.TokenBatch) batch).tokens();
            assertThat(bounds)
                    .hasSize(batch.stepsPerEpoch(lengths) + 1)
                    .isSorted()
                    .doesNotHaveDuplicates();
            for (int j = 0; j + 1 < bounds.length; j++) {
                int tokens = Arrays.stream(lengths, bounds[j], bounds[j + 1]).sum();
                assertThat(tokens).isLessThanOrEqualTo(budget + 50);
            }
        });
    }

    @Test
    void tokenBatchesOfHugeRowsHaveARowEach() {
        assertThat(Batch.tokens(10).bounds(new int[] {100, 1, 1, 100})).containsExactly(0, 1, 2, 3, 4);
        assertThat(Batch.tokens(Integer.MAX_VALUE).bounds(new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE}))
                .containsExactly(0, 1, 2);
    }

    static List<Example> examples(Random random) {
        List<Example> examples = new ArrayList<>();
        int size = 1 + random.nextInt(80);
        for (int k = 0; k < size; k++) {
            int length = 2 + random.nextInt(60);
            boolean[] target = new boolean[length];
            target[1 + random.nextInt(length - 1)] = true;
            for (int i = 1; i < length; i++) {
                target[i] |= random.nextInt(3) == 0;
            }
            examples.add(new Example(random.ints(length, 0, 1000).toArray(), target, k + 1));
        }
        return examples;
    }

    private static Batch batch(Random random) {
        return random.nextBoolean() ? Batch.rows(1 + random.nextInt(9)) : Batch.tokens(1 + random.nextInt(300));
    }

    private static List<Integer> order(Units units, int epoch) {
        List<Integer> order = new ArrayList<>();
        for (int j = 0; j < units.stepsPerEpoch(); j++) {
            order.add(units.step((long) epoch * units.stepsPerEpoch() + j)
                    .units()
                    .get(0)
                    .examples()[0]);
        }
        return order;
    }

    private static String describe(Step step) {
        StringBuilder text = new StringBuilder(step.index() + " " + step.epoch());
        for (Unit unit : step.units()) {
            text.append(Arrays.toString(unit.examples()))
                    .append(Arrays.toString(unit.ids()))
                    .append(Arrays.toString(unit.positions()))
                    .append(Arrays.toString(unit.labels()));
        }
        return text.toString();
    }
}
