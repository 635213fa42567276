package dev.inlay.adapter.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.AdapterSummary;
import dev.inlay.adapter.LowRank;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.model.Decoder;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.files.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterCheckTest {
    private static final Recorded LLAMA = new Recorded("llama-gqa-untied");

    @TempDir
    Path folder;

    @Test
    void soundAdapterIsMeasuredByKindOfModule() {
        AdapterCheck check = AdapterCheck.of(LLAMA.adapter("lora"), LLAMA.directory(), Set.of());
        assertThat(check.isGood()).isTrue();
        assertThat(check.matched()).isEqualTo(check.expected()).isEqualTo(21);
        assertThat(check.effect().orElseThrow().largest()).isGreaterThan(1e-2);
        assertThat(check.kinds())
                .extracting(AdapterCheck.KindChange::name)
                .containsExactly("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");
        try (Scope scope = Scope.open();
                Decoder decoder = LLAMA.directory().load(DType.FLOAT32, Device.CPU)) {
            Adapter adapter = LLAMA.read("lora");
            for (AdapterCheck.KindChange kind : check.kinds()) {
                assertThat(kind.modules()).isEqualTo(3);
                LowRank factor = adapter.factors().get(kind.at());
                double expected =
                        factor.dense().norm() / decoder.weight(kind.at()).norm();
                assertThat(kind.largest()).isCloseTo(expected, within(1e-5));
            }
            double most = AdapterSummary.of(
                            adapter, site -> decoder.weight(site).norm())
                    .largest()
                    .relative();
            assertThat(check.kinds()).anyMatch(kind -> kind.largest() == most);
        }
    }

    @Test
    void adapterWithoutEffectIsAProblem() throws IOException {
        Files.copy(LLAMA.adapter("lora").resolve(Layout.CONFIG), folder.resolve(Layout.CONFIG));
        try (Scope scope = Scope.open();
                SafetensorsFile file =
                        SafetensorsFile.open(LLAMA.adapter("lora").resolve(Layout.PEFT_WEIGHTS))) {
            List<NewTensor> tensors = new ArrayList<>();
            file.tensors()
                    .forEach((name, tensor) -> tensors.add(
                            name.contains("lora_B")
                                    ? NewTensor.of(name, file.load(tensor).times(0))
                                    : NewTensor.copyOf(file, tensor)));
            SafetensorsWriter.write(folder.resolve(Layout.PEFT_WEIGHTS), tensors, file.metadata());
        }
        AdapterCheck check = AdapterCheck.of(folder, LLAMA.directory(), Set.of());
        assertThat(check.isGood()).isFalse();
        assertThat(check.problems()).singleElement().asString().contains("has no effect on this model");
        assertThat(check.kinds()).allMatch(kind -> kind.unchanged() == kind.modules());
    }

    @Test
    void otherModelHasProblemsAndNoMeasures() {
        AdapterCheck check = AdapterCheck.of(LLAMA.adapter("lora"), new Recorded("gpt2-tied").directory(), Set.of());
        assertThat(check.isGood()).isFalse();
        assertThat(check.kinds()).isEmpty();
        assertThat(check.effect()).isEmpty();
    }
}
