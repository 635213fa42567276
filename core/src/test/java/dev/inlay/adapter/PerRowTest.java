package dev.inlay.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Activation;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.KvCache;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Pass;
import dev.inlay.model.PerRow;
import dev.inlay.model.Rows;
import dev.inlay.model.Site;
import dev.inlay.model.Stream;
import dev.inlay.model.generation.Generated;
import dev.inlay.model.generation.GenerationListener;
import dev.inlay.model.generation.GenerationOptions;
import dev.inlay.model.generation.Generator;
import dev.inlay.model.generation.Prompt;
import dev.inlay.model.generation.Sampling;
import dev.inlay.model.generation.Stops;
import dev.inlay.testing.Golden;
import dev.inlay.testing.RandomAdapter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A batch of different adapters against each row by itself, in float64: the tolerance allows for the order of sums. */
class PerRowTest {
    private static final double ROUNDING = 1e-12;
    private static final int[][] ROWS = {{5, 6, 7, 8}, {9}, {10, 11, 12}, {13, 14}, {15, 16, 17, 18, 19}};

    private Scope scope;
    private Decoder decoder;
    private List<List<Intervention>> lists;

    @BeforeEach
    void open() {
        scope = Scope.open();
        decoder = ModelDirectory.open(Golden.path("llama-gqa-untied/model")).load(DType.FLOAT64, Device.CPU);
        Adapter a = RandomAdapter.of(decoder, 1);
        Adapter b = RandomAdapter.of(decoder, 2);
        lists = List.of(List.of(a), List.of(), List.of(b), List.of(a), List.of(b, a.times(0.5), new Shift(0.3)));
    }

    @AfterEach
    void close() {
        decoder.close();
        scope.close();
    }

    /** Moves what a layer receives and what attention looks at. */
    private record Shift(double by) implements Intervention {
        @Override
        public Set<Stream> streams() {
            return Set.of(Stream.RESIDUAL, Stream.ATTENTION_WEIGHTS);
        }

        @Override
        public Tensor at(Activation where, Tensor value, Pass pass) {
            return value.times(1 + by * where.layer());
        }
    }

    @Test
    void everyRowIsWhatItIsAlone() {
        Pass batch = Pass.over(Rows.of(ROWS), List.of(new PerRow(lists)));
        Tensor together = decoder.logits(decoder.hidden(batch), batch);
        for (int row = 0; row < ROWS.length; row++) {
            Tensor own =
                    together.narrow(0, batch.rows().start(row), batch.rows().length(row));
            assertThat(Golden.difference(alone(row), own)).as("row %d", row).isLessThan(ROUNDING);
        }
    }

    /** The head sees fewer tokens than the pass has, in whatever order they are asked for. */
    @Test
    void headOfChosenTokensIsThatOfTheirRows() {
        Pass batch = Pass.over(Rows.of(ROWS), List.of(new PerRow(lists)));
        Tensor all = decoder.logits(decoder.hidden(batch), batch);
        int[] places = {14, 3, 0, 7, 4, 12};
        Pass some = batch.at(places);
        Tensor asked = decoder.logits(some.seen(decoder.hidden(batch)), some);
        assertThat(Golden.difference(all.rows(Tensor.of(places)), asked)).isLessThan(ROUNDING);
    }

    @Test
    void rowsOfAHeadWithoutTheirPlacesAreRefused() {
        Pass batch = Pass.over(Rows.of(ROWS));
        Tensor hidden = decoder.hidden(batch);
        assertThatThrownBy(() -> decoder.logits(hidden.narrow(0, 0, 2), batch)).hasMessageContaining("pass.at(places)");
        assertThatThrownBy(() -> decoder.hidden(batch.at(0))).hasMessageContaining("all tokens");
        assertThatThrownBy(() -> batch.at(15)).hasMessageContaining("15");
    }

    @Test
    void rowsWithACacheAreWhatTheyAreWithout() {
        try (KvCache cache = decoder.newCache(ROWS.length)) {
            List<int[]> starts = new ArrayList<>();
            List<int[]> ends = new ArrayList<>();
            for (int[] row : ROWS) {
                starts.add(new int[] {row[0]});
                ends.add(row.length == 1 ? row : Arrays.copyOfRange(row, 1, row.length));
            }
            decoder.hidden(Pass.continuing(cache, Rows.of(starts), List.of(new PerRow(lists))));
            cache.truncate(1, 0);
            Pass rest = Pass.continuing(cache, Rows.of(ends), List.of(new PerRow(lists)));
            int[] last = {2, 3, 5, 6, 10};
            Pass end = rest.at(last);
            Tensor logits = decoder.logits(end.seen(decoder.hidden(rest)), end);
            for (int row = 0; row < ROWS.length; row++) {
                Tensor expected = alone(row).narrow(0, ROWS[row].length - 1, 1);
                assertThat(Golden.difference(expected, logits.narrow(0, row, 1)))
                        .as("row %d", row)
                        .isLessThan(ROUNDING);
            }
        }
    }

    @Test
    void gradientsReachEachAdapterFromItsOwnRows() {
        Adapter trained = RandomAdapter.of(decoder, 3).mapTensors(Tensor::asLeaf);
        List<List<Intervention>> mixed =
                List.of(List.of(trained), List.of(RandomAdapter.of(decoder, 4)), List.of(trained));
        Pass batch = Pass.over(Rows.of(ROWS[0], ROWS[2], ROWS[4]), List.of(new PerRow(mixed)));
        decoder.logits(decoder.hidden(batch), batch).sum().backward();
        Adapter same = RandomAdapter.of(decoder, 3).mapTensors(Tensor::asLeaf);
        Pass two = Pass.over(Rows.of(ROWS[0], ROWS[4]), List.of(same));
        decoder.logits(decoder.hidden(two), two).sum().backward();
        same.factors()
                .forEach((site, change) -> assertThat(Golden.difference(
                                Objects.requireNonNull(change.down().gradient()),
                                Objects.requireNonNull(
                                        trained.factors().get(site).down().gradient())))
                        .as("%s", site)
                        .isLessThan(1e-10));
    }

    @Test
    void rowsThatShareAnAdapterShareItsProducts() {
        List<Long> tokens = new ArrayList<>();
        Intervention counting = new Intervention() {
            @Override
            public Tensor project(Site site, Tensor input, Tensor output, Pass pass) {
                assertThat(input.size(0)).isEqualTo(output.size(0)).isEqualTo(pass.seen());
                tokens.add(input.size(0));
                return output;
            }
        };
        List<List<Intervention>> rows =
                List.of(List.of(counting), List.of(), List.of(counting), lists.get(0), List.of(counting));
        decoder.hidden(Pass.over(Rows.of(ROWS), List.of(new PerRow(rows))));
        // Every map but the head, and the embedding.
        assertThat(tokens).hasSize(decoder.sites().size()).containsOnly(4L + 3 + 5);
    }

    @Test
    void rowsOfOneListNeedNoGrouping() {
        List<Intervention> one = lists.get(0);
        assertThat(PerRow.together(List.of(one, one))).isEqualTo(one);
        assertThat(PerRow.together(lists)).hasSize(1).first().isInstanceOf(PerRow.class);
    }

    @Test
    void listsForAnotherNumberOfRowsAreRefused() {
        Pass batch = Pass.over(Rows.of(ROWS[0], ROWS[1]), List.of(new PerRow(lists)));
        assertThatThrownBy(() -> decoder.hidden(batch))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("5 rows");
    }

    /** Rows end at different times, and the batch shrinks with them. */
    @Test
    void generationOfMixedPromptsIsThatOfEachAlone() {
        GenerationOptions options =
                GenerationOptions.of(Sampling.greedy(), Stops.none().plus(40, 41, 42, 43, 44, 45), 12);
        Generator generator = Generator.ofTokens(decoder, List.of());
        List<Prompt> prompts = new ArrayList<>();
        for (int row = 0; row < ROWS.length; row++) {
            prompts.add(new Prompt(ROWS[row], lists.get(row)));
        }
        List<Generated> together = generator
                .generateEach(prompts, options, GenerationListener.NONE)
                .rows();
        for (int row = 0; row < ROWS.length; row++) {
            Generator own = Generator.ofTokens(decoder, lists.get(row));
            assertThat(together.get(row).tokens())
                    .isEqualTo(own.generate(List.of(ROWS[row]), options, GenerationListener.NONE)
                            .rows()
                            .get(0)
                            .tokens());
        }
        assertThat(together.stream().map(Generated::tokens).distinct()).hasSizeGreaterThan(3);
    }

    @Test
    void baseIsBitEqualAfterAdaptersWereUsed() {
        Pass bare = Pass.over(Rows.of(ROWS));
        float[] before = decoder.logits(decoder.hidden(bare), bare).toFloats();
        double[] weight = decoder.weight(Site.HEAD).toDoubles();
        everyRowIsWhatItIsAlone();
        assertThat(decoder.logits(decoder.hidden(bare), bare).toFloats()).isEqualTo(before);
        assertThat(decoder.weight(Site.HEAD).toDoubles()).isEqualTo(weight);
    }

    private Tensor alone(int row) {
        Pass pass = Pass.over(Rows.of(ROWS[row]), lists.get(row));
        return decoder.logits(decoder.hidden(pass), pass);
    }
}
