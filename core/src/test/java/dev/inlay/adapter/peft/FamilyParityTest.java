package dev.inlay.adapter.peft;

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
import dev.inlay.model.Reading;
import dev.inlay.model.Rows;
import dev.inlay.model.Stream;
import dev.inlay.testing.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Logits of every family, bare and with adapters, against those that transformers and peft compute. */
class FamilyParityTest {
    private static final double TOLERANCE = 2e-5;
    private static final String LONGROPE = "phi3-longrope-partial";
    /** Ends of the pieces in which rows go through a cache; the windows of the models have 4 to 6 tokens. */
    private static final int[] ENDS = {3, 4, 5, 6, 9};

    @TempDir
    Path folder;

    static List<Arguments> runs() {
        return Golden.FAMILIES.stream()
                .flatMap(model ->
                        List.of("", "lora", "rslora-patterns").stream().map(adapter -> Arguments.of(model, adapter)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("runs")
    void logitsEqualTheRecordedOnesAloneBatchedAndCached(String model, String adapter) {
        try (Fixture fixture = new Fixture(model, adapter, DType.FLOAT32)) {
            Tensor[] expected = {fixture.expected(0), fixture.expected(1)};
            for (int row = 0; row < 2; row++) {
                assertClose(expected[row], fixture.logits(fixture.row(row)));
                if (!model.equals(LONGROPE) || row == 1) {
                    assertClose(expected[row], fixture.cached(fixture.row(row), ENDS));
                }
            }
            Tensor both = Tensor.concat(0, List.of(expected));
            assertClose(both, fixture.logits(fixture.row(0), fixture.row(1)));
        }
    }

    /** Reading the table of attention takes another way through it. */
    @ParameterizedTest
    @MethodSource("models")
    void watchingEveryStreamChangesNothing(String model) {
        try (Fixture fixture = new Fixture(model, "lora", DType.FLOAT32)) {
            Recorder recorder = fixture.record(EnumSet.allOf(Stream.class));
            assertClose(fixture.expected(0), fixture.logits(fixture.row(0)));
            assertThat(recorder.values(Stream.ATTENTION_WEIGHTS))
                    .hasSize(fixture.decoder.config().layers());
        }
    }

    static List<String> models() {
        return Golden.FAMILIES;
    }

    /** A residual stream is the sum of what the parts of the layers add to it, as the names of the streams promise. */
    @ParameterizedTest
    @MethodSource("models")
    void theResidualStreamIsTheSumOfWhatTheLayersAdd(String model) {
        try (Fixture fixture = new Fixture(model, "", DType.FLOAT32)) {
            Recorder recorder = fixture.record(EnumSet.of(
                    Stream.TOKEN_EMBEDDING, Stream.ATTENTION_OUTPUT, Stream.FEED_FORWARD_OUTPUT, Stream.RESIDUAL_END));
            fixture.logits(fixture.row(0));
            Tensor sum = recorder.values(Stream.TOKEN_EMBEDDING).get(0);
            for (int layer = 0; layer < fixture.decoder.config().layers(); layer++) {
                sum = sum.plus(recorder.values(Stream.ATTENTION_OUTPUT).get(layer))
                        .plus(recorder.values(Stream.FEED_FORWARD_OUTPUT).get(layer));
                assertClose(sum, recorder.values(Stream.RESIDUAL_END).get(layer));
            }
        }
    }

    /** Transformers lets all rows of a padded batch turn by the frequencies of its longest, so longrope is not here. */
    static List<String> modelsThatCanBePadded() {
        return Golden.FAMILIES.stream().filter(model -> !model.equals(LONGROPE)).toList();
    }

    @ParameterizedTest
    @MethodSource("modelsThatCanBePadded")
    void paddingOnEitherSideInTransformersGivesTheNumbersOfTheBareRow(String model) {
        try (Fixture fixture = new Fixture(model, "", DType.FLOAT32)) {
            Tensor logits = fixture.logits(fixture.row(1));
            assertClose(fixture.recorded("row1.padded_left.logits"), logits);
            assertClose(fixture.recorded("row1.padded_right.logits"), logits);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void bothAdaptersChangeTheLogitsAndDiffer(String model) {
        try (Fixture bare = new Fixture(model, "", DType.FLOAT32);
                Fixture lora = new Fixture(model, "lora", DType.FLOAT32);
                Fixture other = new Fixture(model, "rslora-patterns", DType.FLOAT32)) {
            assertThat(Golden.difference(bare.expected(0), lora.expected(0))).isGreaterThan(0.1);
            assertThat(Golden.difference(bare.expected(0), other.expected(0))).isGreaterThan(0.1);
            assertThat(Golden.difference(lora.expected(0), other.expected(0))).isGreaterThan(0.1);
        }
    }

    /** Float16 holds the stored weights exactly; bfloat16 rounds them once more. */
    @ParameterizedTest
    @MethodSource("models")
    void halfPrecisionAgreesWithinItsRounding(String model) {
        for (DType type : List.of(DType.FLOAT16, DType.BFLOAT16)) {
            try (Fixture fixture = new Fixture(model, "", type)) {
                Tensor expected = fixture.expected(0);
                double unit = type == DType.FLOAT16 ? 5e-4 : 4e-3;
                double limit = 30 * unit * Math.max(1, expected.maxAbs());
                assertThat(Golden.difference(expected, fixture.logits(fixture.row(0))))
                        .as("%s", type)
                        .isLessThan(limit);
                assertThat(Golden.difference(fixture.logits(fixture.row(1)), fixture.cached(fixture.row(1), ENDS)))
                        .as("%s through a cache", type)
                        .isLessThan(limit);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gemma", "gemma2", "gemma3"})
    void theMultiplierOfEmbeddingsIsRoundedToTheElementTypeFirst(String model) {
        try (Fixture fixture = new Fixture(model, "", DType.BFLOAT16)) {
            Recorder recorder = fixture.record(EnumSet.of(Stream.TOKEN_EMBEDDING));
            fixture.logits(fixture.row(1));
            Tensor embedding = recorder.values(Stream.TOKEN_EMBEDDING).get(0);
            assertThat(Golden.difference(fixture.recorded("row1.embedding.bfloat16"), embedding))
                    .isZero();
        }
    }

    @Test
    void theOlderSpellingOfGemma3MeansTheSame() throws IOException {
        Path recorded = Golden.path("gemma3");
        Files.copy(recorded.resolve("model/model.safetensors"), folder.resolve("model.safetensors"));
        Files.copy(recorded.resolve("older/config.json"), folder.resolve("config.json"));
        try (Fixture fixture = new Fixture("gemma3", folder, "", DType.FLOAT32)) {
            assertClose(fixture.expected(0), fixture.logits(fixture.row(0)));
        }
    }

    /** Row 0 has 12 tokens and row 1 has 8; at 9 the frequencies change. */
    @Test
    void aRowThatBeginsBeyondTheSwitchOfLongRopeGoesOnInItsCache() {
        try (Fixture fixture = new Fixture(LONGROPE, "lora", DType.FLOAT32)) {
            assertClose(fixture.expected(0), fixture.cached(fixture.row(0), 10, 11));
        }
    }

    @Test
    void aRowThatIsSaidToBecomeLongTurnsByTheLongFrequenciesFromItsFirstPiece() {
        try (Fixture fixture = new Fixture(LONGROPE, "", DType.FLOAT32);
                KvCache cache = fixture.decoder.newCache(1)) {
            int[] row = fixture.row(0);
            cache.expect(0, Reading.of(row));
            List<Tensor> parts = new ArrayList<>();
            for (int start = 0; start < row.length; start += 5) {
                int[] piece = Arrays.copyOfRange(row, start, Math.min(start + 5, row.length));
                assertThat(fixture.decoder.canContinue(cache, 0, piece.length)).isTrue();
                Pass pass = Pass.continuing(cache, Rows.of(piece), List.of());
                parts.add(fixture.decoder.logits(fixture.decoder.hidden(pass), pass));
            }
            assertClose(fixture.expected(0), Tensor.concat(0, parts));
        }
    }

    @ParameterizedTest
    @CsvSource({"9, 12", "11, 5"})
    void aCacheMadeOnOneSideOfTheSwitchOfLongRopeIsRefusedOnTheOther(int filled, int end) {
        try (Fixture fixture = new Fixture(LONGROPE, "", DType.FLOAT32);
                KvCache cache = fixture.decoder.newCache(1)) {
            int[] row = fixture.row(0);
            fixture.decoder.hidden(Pass.continuing(cache, Rows.of(Arrays.copyOf(row, filled)), List.of()));
            int kept = Math.min(filled, end - 1);
            cache.truncate(0, kept);
            assertThat(fixture.decoder.canContinue(cache, 0, end - kept)).isFalse();
            Pass pass = Pass.continuing(cache, Rows.of(Arrays.copyOfRange(row, kept, end)), List.of());
            assertThatThrownBy(() -> fixture.decoder.hidden(pass))
                    .isInstanceOf(InlayException.class)
                    .hasMessageContainingAll("longrope", "9", String.valueOf(end), "empty cache");
            cache.truncate(0, 0);
            fixture.decoder.hidden(Pass.continuing(cache, Rows.of(Arrays.copyOf(row, end)), List.of()));
        }
    }

    private static void assertClose(Tensor expected, Tensor actual) {
        assertThat(Golden.difference(expected, actual)).isLessThan(TOLERANCE);
    }

    /** One recorded model with one of its adapters, or none. */
    private static final class Fixture implements AutoCloseable {
        private final Scope scope = Scope.open();
        private final Scope owner = Scope.detached();
        private final Map<String, Tensor> cases;
        private final String prefix;
        private final Decoder decoder;
        private final List<Intervention> interventions = new ArrayList<>();

        Fixture(String model, String adapter, DType type) {
            this(model, Golden.path(model).resolve("model"), adapter, type);
        }

        Fixture(String model, Path directory, String adapter, DType type) {
            Path recorded = Golden.path(model);
            cases = Golden.tensors(recorded.resolve("cases.safetensors"));
            prefix = adapter.isEmpty() ? "" : adapter + ".";
            ModelDirectory base = ModelDirectory.open(directory);
            decoder = base.load(type, Device.CPU);
            if (!adapter.isEmpty()) {
                Path files = recorded.resolve("adapters").resolve(adapter);
                interventions.add(
                        PeftDirectory.read(files, BaseModel.of(base), Set.of()).adapter());
            }
        }

        Recorder record(Set<Stream> streams) {
            Recorder recorder = new Recorder(owner, streams);
            interventions.add(recorder);
            return recorder;
        }

        int[] row(int number) {
            return Golden.ids(recorded("row" + number + ".input_ids"));
        }

        Tensor recorded(String name) {
            return Objects.requireNonNull(cases.get(name), name);
        }

        Tensor expected(int row) {
            return recorded("row" + row + "." + prefix + "logits");
        }

        Tensor logits(int[]... rows) {
            Pass pass = Pass.over(Rows.of(rows), interventions);
            return decoder.logits(decoder.hidden(pass), pass);
        }

        /** The row in pieces with these ends, with the keys and values of the pieces before. */
        Tensor cached(int[] row, int... ends) {
            try (KvCache cache = decoder.newCache(1)) {
                List<Tensor> parts = new ArrayList<>();
                int start = 0;
                for (int i = 0; i <= ends.length && start < row.length; i++) {
                    int end = i < ends.length ? Math.min(ends[i], row.length) : row.length;
                    Pass pass = Pass.continuing(cache, Rows.of(Arrays.copyOfRange(row, start, end)), interventions);
                    parts.add(decoder.logits(decoder.hidden(pass), pass));
                    start = end;
                }
                return Tensor.concat(0, parts);
            }
        }

        @Override
        public void close() {
            decoder.close();
            owner.close();
            scope.close();
        }
    }

    /** Keeps a copy of every value of some streams, in memory of its own. */
    private static final class Recorder implements Intervention {
        private final Set<Stream> streams;
        private final Scope owner;
        private final List<Activation> places = new ArrayList<>();
        private final List<Tensor> values = new ArrayList<>();

        Recorder(Scope owner, Set<Stream> streams) {
            this.owner = owner;
            this.streams = streams;
        }

        @Override
        public Set<Stream> streams() {
            return streams;
        }

        @Override
        public Tensor at(Activation where, Tensor value, Pass pass) {
            places.add(where);
            values.add(owner.own(value.copy()));
            return value;
        }

        List<Tensor> values(Stream stream) {
            return IntStream.range(0, values.size())
                    .filter(i -> places.get(i).stream() == stream)
                    .mapToObj(values::get)
                    .toList();
        }
    }
}
