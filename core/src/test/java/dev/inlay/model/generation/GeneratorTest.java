package dev.inlay.model.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.KvCache;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Pass;
import dev.inlay.model.Rows;
import dev.inlay.model.Site;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.testing.Golden;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Generation of token ids by the recorded tiny models. */
class GeneratorTest {
    /** Kernels add in another order for another number of tokens. */
    private static final double ROUNDING = 2e-5;

    private static final Sampling WARM = Sampling.of(1.2, 21).withTopK(40).withTopP(0.95);

    private static Decoder model(String name) {
        return Decoder.load(Golden.path(name).resolve("model"), Device.CPU);
    }

    private static GenerationOptions options(Sampling sampling, int tokens) {
        return GenerationOptions.of(sampling, Stops.none(), tokens);
    }

    private static GenerationReport generate(Decoder decoder, List<int[]> prompts, GenerationOptions options) {
        return Generator.ofTokens(decoder, List.of()).generate(prompts, options, GenerationListener.NONE);
    }

    private static List<int[]> prompts(int vocabulary, int... lengths) {
        Random random = new Random(77);
        return Arrays.stream(lengths)
                .mapToObj(length -> random.ints(length, 3, vocabulary).toArray())
                .toList();
    }

    private static List<Integer> integers(JsonObject json, String key) {
        return json.integers(key, 0, Integer.MAX_VALUE).stream()
                .map(Long::intValue)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"llama-gqa-untied", "llama-tied-llama3-rope", "llama-linear-rope", "gpt2-tied", "gpt2-untied"})
    void greedyTokensEqualTheRecordedOnesHoweverThePromptIsRead(String name) {
        JsonObject recorded = Json.readObject(Golden.path(name).resolve("greedy.json"));
        int[] prompt = integers(recorded, "prompt").stream().mapToInt(i -> i).toArray();
        List<Integer> expected = integers(recorded, "tokens");
        try (Decoder decoder = model(name)) {
            for (int pieces : new int[] {1, 4, 512}) {
                Generated row = generate(
                                decoder,
                                List.of(prompt),
                                options(Sampling.greedy(), expected.size()).withPrefillTokens(pieces))
                        .rows()
                        .get(0);
                assertThat(row.tokens()).isEqualTo(expected);
                assertThat(row.reason()).isEqualTo(FinishReason.LENGTH);
            }
        }
    }

    /** Beyond 9 tokens the model turns by other frequencies, and what was cached before does not hold. */
    @Test
    void greedyTokensAcrossTheSwitchOfLongRopeAreThoseOfWholeRows() {
        Path directory = Golden.path("phi3-longrope-partial").resolve("model");
        try (Decoder decoder = ModelDirectory.open(directory).load(DType.FLOAT32, Device.CPU)) {
            List<int[]> prompts = prompts(96, 4, 7, 13);
            for (int pieces : new int[] {3, 512}) {
                GenerationOptions options = options(Sampling.greedy(), 12).withPrefillTokens(pieces);
                List<Generated> rows = generate(decoder, prompts, options).rows();
                for (int row = 0; row < prompts.size(); row++) {
                    assertThat(rows.get(row).tokens()).isEqualTo(byWholeRows(decoder, prompts.get(row), 12));
                }
            }
        }
    }

    private static List<Integer> byWholeRows(Decoder decoder, int[] prompt, int tokens) {
        int[] ids = Arrays.copyOf(prompt, prompt.length + tokens);
        for (int end = prompt.length; end < ids.length; end++) {
            try (Scope scope = Scope.open()) {
                Pass pass = Pass.over(Rows.of(Arrays.copyOf(ids, end)));
                Tensor last = decoder.hidden(pass).narrow(0, end - 1, 1);
                float[] logits =
                        decoder.logits(last, pass.at(new int[] {end - 1})).toFloats();
                ids[end] = IntStream.range(0, logits.length)
                        .reduce((best, id) -> logits[id] > logits[best] ? id : best)
                        .orElseThrow();
            }
        }
        return Arrays.stream(ids, prompt.length, ids.length).boxed().toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-gqa-untied", "gpt2-untied"})
    void aBatchOfDifferentLengthsGeneratesWhatEachRowGeneratesAlone(String name) {
        try (Decoder decoder = model(name)) {
            List<int[]> prompts = prompts(decoder.config().vocabulary(), 1, 30, 7, 2, 13);
            for (Sampling sampling : List.of(Sampling.greedy(), WARM, WARM.withRepetitionPenalty(1.4))) {
                GenerationOptions options = options(sampling, 25);
                List<Generated> alone =
                        generate(decoder, prompts, options.withRowsAtOnce(1)).rows();
                assertThat(generate(decoder, prompts, options).rows()).isEqualTo(alone);
                assertThat(generate(decoder, prompts, options.withRowsAtOnce(2).withPrefillTokens(3))
                                .rows())
                        .isEqualTo(alone);
            }
        }
    }

    @Test
    void theSeedAndThePlaceInTheRequestDecideTheTokens() {
        try (Decoder decoder = model("llama-gqa-untied")) {
            int[] prompt = prompts(96, 5).get(0);
            List<int[]> prompts = List.of(prompt, prompt);
            List<Generated> first =
                    generate(decoder, prompts, options(WARM, 20)).rows();
            assertThat(first.get(0).tokens()).isNotEqualTo(first.get(1).tokens());
            assertThat(generate(decoder, prompts, options(WARM, 20)).rows()).isEqualTo(first);
            assertThat(generate(decoder, prompts, options(Sampling.of(1.2, 22), 20))
                            .rows())
                    .isNotEqualTo(first);
        }
    }

    @Test
    void aRowThatMeetsAStopIdLeavesAndTheOthersGoOn() {
        try (Decoder decoder = model("llama-gqa-untied")) {
            List<int[]> prompts = prompts(96, 4, 9, 6);
            GenerationOptions free = options(WARM, 30);
            List<Generated> whole = generate(decoder, prompts, free).rows();
            int stop = whole.get(1).tokens().get(3);
            GenerationOptions stopping = GenerationOptions.of(WARM, Stops.none().plus(stop), 30);
            List<Generated> stopped = generate(decoder, prompts, stopping).rows();
            for (int row = 0; row < 3; row++) {
                List<Integer> expected = whole.get(row).tokens();
                int end = expected.indexOf(stop);
                assertThat(stopped.get(row).tokens()).isEqualTo(end < 0 ? expected : expected.subList(0, end));
                assertThat(stopped.get(row).reason()).isEqualTo(end < 0 ? FinishReason.LENGTH : FinishReason.STOP_ID);
            }
            assertThat(stopped.get(1).tokens()).hasSizeLessThan(4);
        }
    }

    @Test
    void everyPositionOfTheContextIsUsedAndNoneBeyond() {
        try (Decoder decoder = model("gpt2-tied")) {
            int context = decoder.config().contextLength();
            List<int[]> prompts = prompts(96, context - 3, context);
            List<Generated> rows =
                    generate(decoder, prompts, options(Sampling.greedy(), 50)).rows();
            assertThat(rows.get(0).tokens()).hasSize(4);
            assertThat(rows.get(1).tokens()).hasSize(1);
            assertThat(rows).allMatch(row -> row.reason() == FinishReason.CONTEXT);
        }
    }

    @Test
    void badPromptsAreRefusedBeforeWorkBegins() {
        try (Decoder decoder = model("gpt2-tied")) {
            GenerationOptions options = options(Sampling.greedy(), 3);
            assertThatThrownBy(() -> generate(decoder, prompts(96, 2, 65), options))
                    .isInstanceOfSatisfying(
                            InlayException.class, e -> assertThat(e.kind()).isEqualTo(InlayException.Kind.DATA))
                    .hasMessageContaining("prompt 1")
                    .hasMessageContaining("65")
                    .hasMessageContaining("64");
            assertThatThrownBy(() -> generate(decoder, List.of(new int[0]), options))
                    .isInstanceOf(InlayException.class)
                    .hasMessageContaining("no token");
            assertThatThrownBy(() -> generate(decoder, List.of(new int[] {96}), options))
                    .isInstanceOf(InlayException.class)
                    .hasMessageContaining("96");
            GenerationOptions words =
                    GenerationOptions.of(Sampling.greedy(), Stops.none().plus(List.of("x")), 3);
            assertThatThrownBy(() -> generate(decoder, prompts(96, 2), words))
                    .isInstanceOf(InlayException.class)
                    .hasMessageContaining("tokenizer");
            assertThat(generate(decoder, List.of(), options).rows()).isEmpty();
        }
    }

    @Test
    void nothingOfAStepIsLeftWhenTheNextBegins() {
        List<Tensor> ofThisPass = new ArrayList<>();
        List<Integer> passes = new ArrayList<>();
        Intervention watcher = new Intervention() {
            private @org.jspecify.annotations.Nullable Pass current;

            @Override
            public Tensor project(Site site, Tensor input, Tensor output, Pass pass) {
                if (pass.whole() != current) {
                    assertThat(ofThisPass).allMatch(tensor -> tensor.toString().contains("freed"));
                    ofThisPass.clear();
                    current = pass.whole();
                    passes.add(pass.rows().tokens());
                }
                ofThisPass.add(input);
                ofThisPass.add(output);
                return output;
            }
        };
        try (Decoder decoder = model("gpt2-tied")) {
            List<int[]> prompts = prompts(96, new Random(1).ints(40, 10, 20).toArray());
            GenerationReport report = Generator.ofTokens(decoder, List.of(watcher))
                    .generate(prompts, options(WARM, 30).withRowsAtOnce(1), GenerationListener.NONE);
            assertThat(report.newTokens()).isEqualTo(1200);
            assertThat(passes).hasSize(1200);
            assertThat(ofThisPass)
                    .isNotEmpty()
                    .allMatch(tensor -> tensor.toString().contains("freed"));
        }
    }

    @Test
    void theReportCountsTokensAndTime() {
        try (Decoder decoder = model("llama-gqa-untied")) {
            List<Generated> finished = new ArrayList<>();
            GenerationReport report = Generator.ofTokens(decoder, List.of())
                    .generate(prompts(96, 3, 8), options(WARM, 10), new GenerationListener() {
                        @Override
                        public void text(int row, String piece) {
                            throw new AssertionError("text without a tokenizer");
                        }

                        @Override
                        public void finished(int row, Generated result) {
                            finished.add(result);
                        }
                    });
            assertThat(finished).containsExactlyInAnyOrderElementsOf(report.rows());
            assertThat(report.promptTokens()).isEqualTo(11);
            assertThat(report.newTokens()).isEqualTo(20);
            assertThat(report.decodedTokens()).isEqualTo(18);
            assertThat(report.secondsToFirstToken()).isPositive();
            assertThat(report.tokensPerSecond()).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-tied-llama3-rope", "gpt2-untied"})
    void aRowCutBackAndContinuedIsAsIfItHadNeverRead(String name) {
        int[] row = prompts(96, 20).get(0);
        int[] other = prompts(96, 20, 15).get(1);
        try (Scope scope = Scope.open();
                Decoder decoder = model(name);
                KvCache cache = decoder.newCache(2);
                KvCache fresh = decoder.newCache(1)) {
            read(decoder, cache, row, other);
            cache.truncate(0, 8);
            cache.retain(List.of(0));
            Tensor continued = read(decoder, cache, Arrays.copyOfRange(other, 0, 6));
            read(decoder, fresh, Arrays.copyOf(row, 8));
            Tensor expected = read(decoder, fresh, Arrays.copyOfRange(other, 0, 6));
            assertThat(Golden.difference(expected, continued)).isLessThan(ROUNDING);
            assertThat(cache.length(0)).isEqualTo(14);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 16})
    void promptsReadInPiecesEndInTheLogitsOfPromptsReadWhole(int budget) {
        List<int[]> prompts = prompts(96, 1, 33, 8);
        try (Scope scope = Scope.open();
                Decoder decoder = model("llama-gqa-untied");
                KvCache cache = decoder.newCache(3)) {
            Tensor logits = null;
            for (PromptPieces pieces : PromptPieces.of(new int[3], new int[] {1, 33, 8}, budget)) {
                int[][] rows = new int[3][];
                for (int row = 0; row < 3; row++) {
                    cache.truncate(row, pieces.from().get(row));
                    rows[row] = Arrays.copyOfRange(
                            prompts.get(row),
                            pieces.from().get(row),
                            pieces.to().get(row));
                }
                logits = read(decoder, cache, rows);
                Rows read = Rows.of(rows);
                logits = logits.rows(Tensor.of(new int[] {
                    read.start(1) - 1, read.start(2) - 1, read.tokens() - 1,
                }));
            }
            Pass whole = Pass.over(Rows.of(prompts));
            Tensor expected = decoder.logits(decoder.hidden(whole), whole).rows(Tensor.of(new int[] {0, 33, 41}));
            assertThat(Golden.difference(expected, logits)).isLessThan(ROUNDING);
        }
    }

    private static Tensor read(Decoder decoder, KvCache cache, int[]... rows) {
        Pass pass = Pass.continuing(cache, Rows.of(rows), List.of());
        return decoder.logits(decoder.hidden(pass), pass);
    }
}
