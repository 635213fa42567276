package dev.inlay.adapter.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.exchange.Converted;
import dev.inlay.adapter.exchange.GgufExport;
import dev.inlay.adapter.exchange.Recorded;
import dev.inlay.adapter.gate.Boundary;
import dev.inlay.adapter.gate.Trigger;
import dev.inlay.adapter.gate.TriggerGate;
import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Projection;
import dev.inlay.model.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** GGUF adapters read byte by byte, against what peft records for the adapters they are made of. */
class GgufAdapterTest {
    private static final Recorded LLAMA = new Recorded("llama-gqa-untied");
    private static final int HEAD_WIDTH = 12;
    private static final Map<String, String> NAMES = Map.of(
            "q_proj", "attn_q",
            "k_proj", "attn_k",
            "v_proj", "attn_v",
            "o_proj", "attn_output",
            "gate_proj", "ffn_gate",
            "up_proj", "ffn_up",
            "down_proj", "ffn_down",
            "attn.c_attn", "attn_qkv",
            "attn.c_proj", "attn_output",
            "mlp.c_fc", "ffn_up");

    @TempDir
    Path folder;

    private Scope scope;
    private Path target;

    @BeforeEach
    void open() {
        scope = Scope.open();
        target = folder.resolve("adapter.gguf");
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @ParameterizedTest
    @CsvSource({
        "llama-gqa-untied, lora, llama",
        "llama-gqa-untied, rslora-patterns, llama",
        "llama-gqa-untied, qv, llama",
        "llama-tied-llama3-rope, lora, llama",
        "gpt2-untied, lora, gpt2",
        "gpt2-tied, rslora-patterns, gpt2"
    })
    void bytesMeanWhatPeftRecords(String model, String name, String architecture) throws IOException {
        Recorded recorded = new Recorded(model);
        Adapter adapter = recorded.read(name);
        Converted converted = GgufExport.write(target, adapter, recorded.directory(), GgufType.F32);
        assertThat(converted.deviation().orElseThrow().largest()).isLessThan(1e-5);

        ParsedGguf parsed = ParsedGguf.of(target);
        assertThat(parsed.keys())
                .containsEntry("general.type", "adapter")
                .containsEntry("general.architecture", architecture)
                .containsEntry("adapter.type", "lora");
        assertThat(parsed.tensors()).hasSize(2 * adapter.factors().size());
        Map<Site, LowRank> factors = new LinkedHashMap<>();
        for (LinearSite place : recorded.directory().sites()) {
            if (adapter.targets().contains(place.site())) {
                factors.put(place.site(), rebuilt(parsed, place, recorded.directory()));
            }
        }
        assertThat(recorded.distance(Adapter.of(factors), name)).isLessThan(3e-5);
    }

    @Test
    void fact28_aTriggerIsAListOfTokensAndTheScaleOfRsLoraBecomesAlpha() throws IOException {
        Recorded recorded = new Recorded("llama-gqa-untied");
        Adapter adapter = recorded.read("lora").mapChanges(change -> new LowRank(change.up(), change.down(), 8));
        TriggerGate gate = TriggerGate.of(Trigger.of(List.of(49152, 1553, 81)));
        GgufExport.write(target, adapter.with(gate), recorded.directory(), GgufType.F32);
        long rank = adapter.factors().values().iterator().next().rank();
        try (GgufFile file = GgufFile.open(target)) {
            assertThat(file.numbers("adapter.alora.invocation_tokens").orElseThrow())
                    .containsExactly(49152, 1553, 81);
            assertThat(file.number("adapter.lora.alpha")).contains(8f * rank);
        }
        Adapter read = GgufAdapter.read(target, recorded.directory());
        assertThat(read.gate()).isEqualTo(gate);
        assertThat(read.factors().values())
                .allSatisfy(change -> assertThat(change.scale()).isEqualTo(8));
        assertThatThrownBy(() -> GgufExport.write(
                        folder.resolve("other.gguf"),
                        adapter.with(gate.with(Boundary.AFTER_TRIGGER)),
                        recorded.directory(),
                        GgufType.F32))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("its gate (trigger [49152, 1553, 81], after trigger)");
    }

    /** As llama.cpp applies it: scale alpha / rank, and for interleaved heads the re-ordering of rows undone. */
    private static LowRank rebuilt(ParsedGguf parsed, LinearSite place, ModelDirectory model) {
        String[] segments = place.path().split("\\.");
        String leaf = segments[segments.length - 1];
        String two = segments[segments.length - 2] + "." + leaf;
        String kind = two.equals("mlp.c_proj") ? "ffn_down" : NAMES.getOrDefault(two, NAMES.get(leaf));
        String name = "blk." + place.site().layer() + "." + kind + ".weight";
        ParsedGguf.Matrix a = parsed.tensors().get(name + ".lora_a");
        ParsedGguf.Matrix b = parsed.tensors().get(name + ".lora_b");
        assertThat(a).as(name).isNotNull();
        assertThat(new int[] {a.fast(), b.slow(), b.fast()}).containsExactly(place.in(), place.out(), a.slow());
        int rank = a.slow();
        float[] up = new float[b.values().length];
        boolean interleaved = kind.equals("attn_q") || kind.equals("attn_k");
        int width = model.config().attention().headDim();
        for (int row = 0; row < b.slow(); row++) {
            int head = row / width;
            int inHead = row % width;
            // gguf-py: reshape(heads, 2, width / 2).swapaxes(1, 2), so (half, i) went to (i, half).
            int from = interleaved ? head * width + inHead % (width / 2) * 2 + inHead / (width / 2) : row;
            for (int column = 0; column < rank; column++) {
                up[row * rank + column] = b.at(from, column);
            }
        }
        double alpha = (Float) parsed.keys().get("adapter.lora.alpha");
        return new LowRank(Tensor.of(up, b.slow(), rank), Tensor.of(a.values(), rank, a.fast()), alpha / rank);
    }

    @Test
    void rowsAreOrderedSoThatRotatingNeighboursIsRotatingHalves() throws IOException {
        ParsedGguf.Matrix order = order(Projection.QUERY);
        double[] query = new double[order.slow()];
        for (int i = 0; i < query.length; i++) {
            query[i] = Math.sin(1 + i * i);
        }
        double[] there = new double[query.length];
        double[] rotatedThere = new double[query.length];
        double[] rotatedHere = new double[query.length];
        for (int row = 0; row < query.length; row++) {
            there[row] = query[(int) order.at(row, 0)];
        }
        for (int head = 0; head < query.length; head += HEAD_WIDTH) {
            for (int i = 0; i < HEAD_WIDTH / 2; i++) {
                double angle = 7 * Math.pow(10000, -2.0 * i / HEAD_WIDTH);
                rotate(there, rotatedThere, head + 2 * i, head + 2 * i + 1, angle);
                rotate(query, rotatedHere, head + i, head + i + HEAD_WIDTH / 2, angle);
            }
        }
        for (int row = 0; row < query.length; row++) {
            assertThat(rotatedThere[row]).isCloseTo(rotatedHere[(int) order.at(row, 0)], within(1e-12));
        }
        assertThat(there).isNotEqualTo(query);
    }

    @Test
    void rowsOfOtherMapsKeepTheirOrder() throws IOException {
        ParsedGguf.Matrix order = order(Projection.VALUE);
        for (int row = 0; row < order.slow(); row++) {
            assertThat(order.at(row, 0)).isEqualTo(row);
        }
    }

    private static void rotate(double[] from, double[] to, int first, int second, double angle) {
        to[first] = from[first] * Math.cos(angle) - from[second] * Math.sin(angle);
        to[second] = from[second] * Math.cos(angle) + from[first] * Math.sin(angle);
    }

    /** The second factor of an adapter in which row n holds n. */
    private ParsedGguf.Matrix order(Projection projection) throws IOException {
        ModelDirectory model = LLAMA.directory();
        LinearSite place = model.sites().stream()
                .filter(each -> each.site().equals(new Site(1, projection)))
                .findFirst()
                .orElseThrow();
        float[] rows = new float[place.out()];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = row;
        }
        float[] ones = new float[place.in()];
        Arrays.fill(ones, 1);
        LowRank factor = new LowRank(Tensor.of(rows, rows.length, 1), Tensor.of(ones, 1, ones.length), 1);
        GgufAdapter.write(target, Adapter.of(Map.of(place.site(), factor)), model, GgufType.F32, written -> {});
        String kind = projection == Projection.QUERY ? "attn_q" : "attn_v";
        return ParsedGguf.of(target).tensors().get("blk.1." + kind + ".weight.lora_b");
    }

    @Test
    void oneAlphaServesModulesOfUnequalScale() throws IOException {
        Adapter adapter = LLAMA.read("rslora-patterns");
        GgufExport.write(target, adapter, LLAMA.directory(), GgufType.F32);
        LowRank first = adapter.ordered().values().iterator().next();
        assertThat((Float) ParsedGguf.of(target).keys().get("adapter.lora.alpha"))
                .isCloseTo((float) (first.scale() * first.rank()), within(1e-6f));
    }

    @Test
    void sixteenBitsAreRoundedOnceAndNeverOverflow() throws IOException {
        Adapter adapter = LLAMA.read("lora");
        Converted converted = GgufExport.write(target, adapter, LLAMA.directory(), GgufType.F16);
        assertThat(converted.deviation().orElseThrow().largest()).isBetween(1e-7, 2e-2);
        ParsedGguf.Matrix down = ParsedGguf.of(target).tensors().get("blk.0.attn_v.weight.lora_a");
        assertThat(down.type()).isEqualTo(1);
        Site value = new Site(0, Projection.VALUE);
        float[] expected = adapter.factors().get(value).down().toFloats();
        for (int i = 0; i < expected.length; i++) {
            assertThat(down.values()[i]).isCloseTo(expected[i], within(Math.abs(expected[i]) * 0x1p-11f + 0x1p-25f));
        }
        Adapter large = adapter.mapTensors(factor -> factor.times(1e6));
        Path other = folder.resolve("other.gguf");
        assertRefused(other, large, GgufType.F16, "do not fit F16");
    }

    @Test
    void headOfATiedModelIsRefused() {
        Recorded tied = new Recorded("llama-tied-llama3-rope");
        ModelDirectory model = tied.directory();
        LowRank factor = new LowRank(
                Tensor.uniform(-1, 1, 1, DType.FLOAT32, model.config().vocabulary(), 2),
                Tensor.uniform(-1, 1, 2, DType.FLOAT32, 2, model.config().width()),
                1);
        Adapter adapter = Adapter.of(Map.of(Site.HEAD, factor));
        assertThatThrownBy(() -> GgufExport.write(target, adapter, model, GgufType.F32))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("the head, which is the embedding");
        assertThat(target).doesNotExist();
    }

    @Test
    void existingFileIsNeverOverwritten() throws IOException {
        Files.writeString(target, "mine");
        assertRefused(target, LLAMA.read("lora"), GgufType.F32, "exists already");
        assertThat(target).hasContent("mine");
    }

    @Test
    void failedProofLeavesNothing() {
        assertThatThrownBy(() ->
                        GgufAdapter.write(target, LLAMA.read("lora"), LLAMA.directory(), GgufType.F32, written -> {
                            throw InlayException.adapter("not the same");
                        }))
                .hasMessage("not the same");
        assertThat(folder).isEmptyDirectory();
    }

    private static void assertRefused(Path file, Adapter adapter, GgufType type, String message) {
        assertThatThrownBy(() -> GgufExport.write(file, adapter, LLAMA.directory(), type))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining(message);
    }
}
