package dev.inlay.adapter.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.adapter.Adapter;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Pass;
import dev.inlay.model.Projection;
import dev.inlay.model.Rows;
import dev.inlay.model.Site;
import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.files.StoredTensor;
import dev.inlay.testing.SharedData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters that the Python library wrote. */
@Tag("data")
class FoundAdaptersTest {
    /** Shapes of GPT-2 small, whose weights are not at hand and not needed. */
    private static final BaseModel GPT2 = new BaseModel("gpt2", gpt2Sites(), true, "sha256:unknown", TextHashes.NONE);

    @TempDir
    Path folder;

    @Test
    void trainedAdapterIsReadWithAllItsFactors() {
        try (Scope scope = Scope.open()) {
            LoadedAdapter loaded =
                    PeftDirectory.read(SharedData.require("peft-adapters/gpt2-tigrinya-causal-lm"), GPT2, Set.of());
            assertThat(loaded.notes()).isEmpty();
            assertThat(loaded.provenance()).isEmpty();
            assertThat(loaded.adapter().factors()).hasSize(36).allSatisfy((site, factor) -> {
                assertThat(factor.scale()).isEqualTo(4.0);
                assertThat(factor.rank()).isEqualTo(8);
            });
        }
    }

    @Test
    void syntheticAdapterIsRefusedForEachOfItsFaultsInTurn() {
        Path directory = SharedData.require("peft-adapters/dialogpt-synthetic");
        assertThatThrownBy(() -> PeftDirectory.read(directory, GPT2, Set.of()))
                .hasMessageContaining("unknown key alpha");
        assertThatThrownBy(() -> PeftDirectory.read(directory, GPT2, Set.of(Allowance.UNKNOWN_KEYS)))
                .hasMessageContaining("fan_in_fan_out is false");
        assertThatThrownBy(() -> PeftDirectory.read(
                        directory, GPT2, EnumSet.of(Allowance.UNKNOWN_KEYS, Allowance.WRONG_FAN_IN_FAN_OUT)))
                .hasMessageContaining("has factors for 12 of 36 targeted modules");
    }

    @ParameterizedTest
    @CsvSource({"gpt2, lora", "gpt2, rslora-patterns", "llama3-scaled-tied, lora", "llama3-scaled-tied, rslora-patterns"
    })
    void logitsAreThoseOfPeft(String family, String name) {
        Path directory = SharedData.require("peft-golden").resolve(family);
        ModelDirectory model = ModelDirectory.open(directory.resolve("model"));
        BaseModel base = BaseModel.of(model);
        try (Scope scope = Scope.open();
                Decoder decoder = model.load(DType.FLOAT32, Device.CPU);
                SafetensorsFile cases = SafetensorsFile.open(directory.resolve("cases.safetensors"))) {
            LoadedAdapter loaded =
                    PeftDirectory.read(directory.resolve("adapters").resolve(name), base, Set.of());
            float[] found = logits(decoder, loaded.adapter(), cases);
            assertThat(furthest(found, recorded(cases, name))).isLessThan(2e-5f);
            assertThat(furthest(found, recorded(cases, "base"))).isGreaterThan(1e-2f);

            Path again = folder.resolve("again");
            new PeftWriter(
                            base,
                            loaded.config(),
                            new Provenance("test", variant(loaded), "", "F32", base.fingerprint(), base.text(), ""))
                    .write(again, loaded.adapter(), AtomicDirectory.Existing.REFUSE);
            Adapter rewritten = PeftDirectory.read(again, base, Set.of()).adapter();
            assertThat(logits(decoder, rewritten, cases)).isEqualTo(found);
        }
    }

    private static String variant(LoadedAdapter loaded) {
        return loaded.config().variant();
    }

    private static float[] logits(Decoder decoder, Adapter adapter, SafetensorsFile cases) {
        StoredTensor ids = cases.tensor("input_ids");
        Tensor read = Tensor.empty(DType.INT64, Device.CPU, ids.shape());
        cases.read(ids, 0, read.bytes(0, (int) ids.bytes()));
        int width = (int) ids.shape()[1];
        List<int[]> rows = new ArrayList<>();
        for (int row = 0; row < ids.shape()[0]; row++) {
            int[] tokens = new int[width];
            for (int i = 0; i < width; i++) {
                tokens[i] = (int) read.toLongs()[row * width + i];
            }
            rows.add(tokens);
        }
        Pass pass = Pass.over(Rows.of(rows), List.of(adapter));
        return decoder.logits(decoder.hidden(pass), pass).toFloats();
    }

    private static float[] recorded(SafetensorsFile cases, String name) {
        return new FactorReader(cases).read(name).toFloats();
    }

    private static float furthest(float[] a, float[] b) {
        assertThat(a).hasSameSizeAs(b);
        float furthest = 0;
        for (int i = 0; i < a.length; i++) {
            furthest = Math.max(furthest, Math.abs(a[i] - b[i]));
        }
        return furthest;
    }

    private static List<LinearSite> gpt2Sites() {
        List<LinearSite> sites = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String layer = "transformer.h." + i + ".";
            sites.add(new LinearSite(
                    new Site(i, Projection.QUERY_KEY_VALUE), layer + "attn.c_attn", 768, 2304, true, true));
            sites.add(new LinearSite(
                    new Site(i, Projection.ATTENTION_OUTPUT), layer + "attn.c_proj", 768, 768, true, true));
            sites.add(new LinearSite(new Site(i, Projection.UP), layer + "mlp.c_fc", 768, 3072, true, true));
            sites.add(new LinearSite(new Site(i, Projection.DOWN), layer + "mlp.c_proj", 3072, 768, true, true));
        }
        sites.add(new LinearSite(Site.HEAD, "lm_head", 768, 50257, false, false));
        return sites;
    }
}
