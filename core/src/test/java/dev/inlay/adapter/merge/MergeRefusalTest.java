package dev.inlay.adapter.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Modulation;
import dev.inlay.adapter.gate.FixedGate;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Gate;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Projection;
import dev.inlay.model.Segments;
import dev.inlay.model.Site;
import dev.inlay.testing.Golden;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is not merged: one line that says why, and nothing left behind. */
class MergeRefusalTest {
    private static final String MODEL = "llama-gqa-untied";

    @TempDir
    Path folder;

    private Scope scope;
    private ModelDirectory base;
    private Adapter adapter;

    @BeforeEach
    void open() {
        scope = Scope.open();
        base = MergeTest.base(MODEL);
        adapter = MergeTest.adapter(MODEL, "lora", base);
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void A10_nonFiniteFactors() {
        for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            Map<Site, LowRank> factors = new HashMap<>(adapter.factors());
            Site site = adapter.targets().sites().last();
            LowRank old = factors.get(site);
            Tensor broken = old.up().copy();
            broken.narrow(0, 0, 1).fill(value);
            factors.put(site, new LowRank(broken, old.down(), old.scale()));
            assertRefused(base, Adapter.of(factors), MergeOptions.DEFAULT, "NaN or infinite");
        }
    }

    @Test
    void A10_resultThatOverflowsTheElementType() {
        Map<Site, LowRank> factors = new HashMap<>(adapter.factors());
        factors.replaceAll((site, old) -> new LowRank(old.up(), old.down(), 1e9));
        ModelDirectory half = MergeTest.base(MODEL + "-float16");
        assertRefused(half, Adapter.of(factors), MergeOptions.DEFAULT, "do not fit FLOAT16");
    }

    @Test
    void A14_theSameAdapterTwice() {
        Path once = folder.resolve("once");
        Merge.write(base, adapter, MergeOptions.DEFAULT, once);
        assertRefused(ModelDirectory.open(once), adapter, MergeOptions.DEFAULT, "merged into this model already");
    }

    @Test
    void A14_intoItself() {
        String message = messageOf(base, adapter, base.path());
        assertThat(message).contains("exists already");
    }

    @Test
    void gateThatIsNotOpen() {
        Gate some = new FixedGate(Segments.from(3));
        Adapter gated = new Adapter(adapter.targets(), adapter.factors(), some, Modulation.NONE);
        assertRefused(base, gated, MergeOptions.DEFAULT, "gate (open from 3)");
    }

    @Test
    void modulation() {
        Modulation doubled = (site, x, inner, pass) -> inner.times(2);
        Adapter modulated = new Adapter(adapter.targets(), adapter.factors(), Gate.OPEN, doubled);
        assertRefused(base, modulated, MergeOptions.DEFAULT, "differs from row to row");
    }

    @Test
    void adapterOnATiedHead() {
        ModelDirectory tied = MergeTest.base("gpt2-tied");
        assertRefused(tied, MergeTest.headAdapter(tied), MergeOptions.DEFAULT, "untied head");
    }

    @Test
    void adapterOfAnotherShapeOrFamily() {
        Site query = new Site(0, Projection.QUERY);
        Tensor up = Tensor.zeros(DType.FLOAT32, Device.CPU, 7, 2);
        Tensor down = Tensor.zeros(DType.FLOAT32, Device.CPU, 2, 5);
        Adapter other = Adapter.of(Map.of(query, new LowRank(up, down, 1)));
        assertRefused(base, other, MergeOptions.DEFAULT, "from 5 to 7");
        assertRefused(MergeTest.base("gpt2-tied"), other, MergeOptions.DEFAULT, "does not have");
    }

    @Test
    void driftAboveTheLimit() {
        ModelDirectory half = MergeTest.base(MODEL + "-bfloat16");
        MergeOptions strict = MergeOptions.DEFAULT.withLargestDivergence(1e-12);
        assertRefused(half, adapter, strict, "too far from base and adapter");
    }

    @Test
    void baseWithNonFiniteWeight() throws IOException {
        Path copy = copyOfBase();
        Path weights = copy.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        long header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        ByteBuffer data = ByteBuffer.wrap(bytes, (int) header + 8, bytes.length - (int) header - 8)
                .slice()
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < data.limit(); at += Float.BYTES) {
            data.putFloat(at, Float.NaN);
        }
        Files.write(weights, bytes);
        assertRefused(ModelDirectory.open(copy), adapter, MergeOptions.DEFAULT, "such a weight is not merged");
    }

    @Test
    void linkThatLeadsOutOfTheModel() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "not for publication");
        Path copy = copyOfBase();
        Files.createSymbolicLink(copy.resolve("LICENSE"), secret);
        assertRefused(ModelDirectory.open(copy), adapter, MergeOptions.DEFAULT, "leads out of the directory");
    }

    @Test
    void directoryThatIsNotEmpty() throws IOException {
        Path target = Files.createDirectory(folder.resolve("full"));
        Path kept = Files.writeString(target.resolve("mine.txt"), "mine");
        assertThat(messageOf(base, adapter, target)).contains("exists already");
        assertThat(kept).hasContent("mine");
    }

    private Path copyOfBase() throws IOException {
        Path copy = Files.createDirectory(folder.resolve("copy"));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(Golden.path(MODEL).resolve("model").resolve(file), copy.resolve(file));
        }
        return copy;
    }

    private String messageOf(ModelDirectory model, Adapter change, Path target) {
        try {
            Merge.write(model, change, MergeOptions.DEFAULT, target);
        } catch (InlayException e) {
            return e.getMessage();
        }
        throw new AssertionError("merged into " + target);
    }

    private void assertRefused(ModelDirectory model, Adapter change, MergeOptions options, String message) {
        Path place = folder.resolve("place");
        assertThatThrownBy(() -> Merge.write(model, change, options, place.resolve("merged")))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("\n");
        assertThat(place)
                .satisfiesAnyOf(
                        p -> assertThat(p).doesNotExist(), p -> assertThat(p).isEmptyDirectory());
    }
}
