package dev.inlay.model.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.engine.Device;
import dev.inlay.model.Decoder;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.testing.SharedData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Generation by real trained models. */
@Tag("data")
class RealModelGenerationTest {
    private static final Sampling WARM = Sampling.of(0.9, 4).withTopP(0.95);

    @Test
    void theTwoHundredGreedyTokensAndTheirTextEqualTheRecordedOnes() {
        Path folder = SharedData.require("stories260K");
        JsonObject recorded = Json.readObject(folder.resolve("golden").resolve("greedy.json"));
        List<Integer> ids =
                recorded.integers("ids", 0, 511).stream().map(Long::intValue).toList();
        try (Decoder decoder = Decoder.load(folder.resolve("hf"), Device.CPU);
                Tokenizer tokenizer = Tokenizer.load(folder.resolve("hf"))) {
            Generated row = Generator.of(decoder, tokenizer, List.of())
                    .generate(
                            List.of(new int[] {ids.get(0)}),
                            GenerationOptions.of(Sampling.greedy(), Stops.of(tokenizer), 200),
                            GenerationListener.NONE)
                    .rows()
                    .get(0);
            assertThat(row.tokens()).isEqualTo(ids.subList(1, 201));
            assertThat(row.text()).isEqualTo(recorded.text("published_text"));
        }
    }

    @Test
    void piecesOneAfterAnotherAreTheTextAndTheTextIsThatOfTheTokens() {
        Path folder = SharedData.require("stories260K/hf");
        try (Decoder decoder = Decoder.load(folder, Device.CPU);
                Tokenizer tokenizer = Tokenizer.load(folder)) {
            List<int[]> prompts = List.of(
                    tokenizer.encode("Once upon a time"),
                    tokenizer.encode("The dog"),
                    tokenizer.encode("Lily said, \"I want"));
            Map<Integer, StringBuilder> pieces = new TreeMap<>();
            List<Generated> rows = Generator.of(decoder, tokenizer, List.of())
                    .generate(
                            prompts,
                            GenerationOptions.of(WARM, Stops.of(tokenizer), 80),
                            (row, piece) -> pieces.computeIfAbsent(row, r -> new StringBuilder())
                                    .append(piece))
                    .rows();
            for (int i = 0; i < prompts.size(); i++) {
                assertThat(pieces.get(i)).hasToString(rows.get(i).text());
                int[] all = IntStream.concat(
                                Arrays.stream(prompts.get(i)),
                                rows.get(i).tokens().stream().mapToInt(t -> t))
                        .toArray();
                assertThat(tokenizer.decode(prompts.get(i)) + rows.get(i).text())
                        .isEqualTo(tokenizer.decode(all));
            }
        }
    }

    @Test
    void aStopStringAcrossTokensEndsTheTextBeforeItAndNothingOfItIsShown() {
        Path folder = SharedData.require("stories260K/hf");
        try (Decoder decoder = Decoder.load(folder, Device.CPU);
                Tokenizer tokenizer = Tokenizer.load(folder)) {
            Generator generator = Generator.of(decoder, tokenizer, List.of());
            List<int[]> prompts = List.of(tokenizer.encode("Once upon a time"), tokenizer.encode("The dog"));
            Stops stops = Stops.of(tokenizer);
            List<Generated> whole = generator
                    .generate(prompts, GenerationOptions.of(Sampling.greedy(), stops, 60), GenerationListener.NONE)
                    .rows();
            String text = whole.get(0).text();
            int start = text.indexOf(' ', 40) - 2; // inside a word, over its end, into the next
            String stop = text.substring(start, start + 6);
            assertThat(tokenizer.encodeRaw(stop)).hasSizeGreaterThan(1);
            List<String> shown = new ArrayList<>();
            Generated stopped = generator
                    .generate(
                            prompts,
                            GenerationOptions.of(Sampling.greedy(), stops.plus(List.of("never in it", stop)), 60),
                            (row, piece) -> {
                                if (row == 0) {
                                    shown.add(piece);
                                }
                            })
                    .rows()
                    .get(0);
            assertThat(stopped.reason()).isEqualTo(FinishReason.STOP_STRING);
            assertThat(stopped.text()).isEqualTo(text.substring(0, text.indexOf(stop)));
            assertThat(String.join("", shown)).isEqualTo(stopped.text());
            assertThat(stopped.tokens())
                    .hasSizeLessThan(60)
                    .isEqualTo(whole.get(0).tokens().subList(0, stopped.tokens().size()));
        }
    }

    @Test
    void whatWasHeldBackAtTheEndOfARowStillCounts() {
        try (Tokenizer tokenizer = Tokenizer.load(SharedData.require("stories260K/hf"))) {
            int[] ids = tokenizer.encodeRaw("a na\u00EFve \u732B\n");
            for (int length = 0; length <= ids.length; length++) {
                int[] some = Arrays.copyOf(ids, length);
                assertThat(grown(tokenizer, some, List.of())).isEqualTo(tokenizer.decode(some));
            }
            // The last two characters are bytes, which wait for their neighbours until the row ends.
            assertThat(grown(tokenizer, ids, List.of("\u732B\n"))).isEqualTo("a na\u00EFve ");
        }
    }

    private static String grown(Tokenizer tokenizer, int[] ids, List<String> stops) {
        GrowingText text = new GrowingText(tokenizer, new int[0], stops);
        StringBuilder pieces = new StringBuilder();
        Arrays.stream(ids).forEach(id -> pieces.append(text.accept(id)));
        pieces.append(text.finish());
        assertThat(text.text()).isEqualTo(pieces.toString());
        return text.text();
    }

    @Test
    void theSortingModelSorts() {
        Path folder = SharedData.require("gpt-nano-sort/hf");
        try (Decoder decoder = Decoder.load(folder, Device.CPU)) {
            List<int[]> prompts = IntStream.range(0, 729)
                    .mapToObj(number -> IntStream.iterate(number, n -> n / 3)
                            .limit(6)
                            .map(n -> n % 3)
                            .toArray())
                    .toList();
            List<Generated> rows = Generator.ofTokens(decoder, List.of())
                    .generate(
                            prompts,
                            GenerationOptions.of(Sampling.greedy(), Stops.none(), 6)
                                    .withRowsAtOnce(100),
                            GenerationListener.NONE)
                    .rows();
            long sorted = IntStream.range(0, 729)
                    .filter(i -> rows.get(i)
                            .tokens()
                            .equals(Arrays.stream(prompts.get(i))
                                    .sorted()
                                    .boxed()
                                    .toList()))
                    .count();
            assertThat(sorted).isEqualTo(729);
        }
    }
}
