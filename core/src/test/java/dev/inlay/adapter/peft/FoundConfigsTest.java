package dev.inlay.adapter.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.testing.SharedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Configurations as others wrote them: each is accepted, or refused for the reason that applies. */
@Tag("data")
class FoundConfigsTest {
    /** Method in the file's name, and the type that the refusal must name. Files of plain LoRA are listed below. */
    private static final Map<String, String> OTHER_METHODS = Map.ofEntries(
            Map.entry("adalora", "ADALORA"),
            Map.entry("adamss", "ADAMSS"),
            Map.entry("adaptionprompt", "ADAPTION_PROMPT"),
            Map.entry("beft", "BEFT"),
            Map.entry("boft", "BOFT"),
            Map.entry("c3a", "C3A"),
            Map.entry("deft", "DEFT"),
            Map.entry("delora", "DELORA"),
            Map.entry("fourierft", "FOURIERFT"),
            Map.entry("frod", "FROD"),
            Map.entry("glora", "GLORA"),
            Map.entry("gralora", "GRALORA"),
            Map.entry("hira", "HIRA"),
            Map.entry("ia3", "IA3"),
            Map.entry("lily", "LILY"),
            Map.entry("ln_tuning", "LN_TUNING"),
            Map.entry("loha", "LOHA"),
            Map.entry("lokr", "LOKR"),
            Map.entry("miss", "MISS"),
            Map.entry("oft", "OFT"),
            Map.entry("osf", "OSF"),
            Map.entry("peanut", "PEANUT"),
            Map.entry("prefixtuning", "PREFIX_TUNING"),
            Map.entry("prompt_tuning", "PROMPT_TUNING"),
            Map.entry("psoft", "PSOFT"),
            Map.entry("ptuning", "P_TUNING"),
            Map.entry("pvera", "PVERA"),
            Map.entry("randlora", "RANDLORA"),
            Map.entry("road", "ROAD"),
            Map.entry("shira", "SHIRA"),
            Map.entry("supertuning", "SUPERTUNING"),
            Map.entry("tinylora", "TINYLORA"),
            Map.entry("trainable_tokens", "TRAINABLE_TOKENS"),
            Map.entry("unilora", "UNILORA"),
            Map.entry("vblora", "VBLORA"),
            Map.entry("vera", "VERA"),
            Map.entry("waveft", "WAVEFT"));

    /** For the files of type LORA: key and reason that the refusal must name, or nothing if it is accepted. */
    private static final Map<String, String> LORA = Map.of(
            "rank10-target-mlp", "",
            "rank14-target-mlp-bdlora", "use_bdlora: the factors of BD-LoRA are block-diagonal",
            "rank32-dora", "",
            "rank32-kasa", "kasa_config: KaSA truncates the base weights",
            "rank32-lorafa", "",
            "rank32-mica", "",
            "rank32-riemannian", "",
            "rank32", "",
            "rank64-rslora", "",
            "rank64", "");

    @TestFactory
    Stream<DynamicTest> eachConfigurationIsAcceptedOrRefusedForItsReason() throws IOException {
        try (Stream<Path> files = Files.list(SharedData.require("peft-configs"))) {
            List<Path> configs = files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
            assertThat(configs).hasSize(70);
            return configs.stream()
                    .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
        }
    }

    private static void check(Path file) throws IOException {
        String name = file.getFileName().toString();
        String method = name.substring(0, name.indexOf("__"));
        if (!method.equals("lora")) {
            assertRefused(file, "peft_type is \"" + OTHER_METHODS.get(method) + "\"");
            return;
        }
        String key = LORA.get(name.replaceAll("lora__llama-3.2-3B-|\\.json", ""));
        if (key != null && !key.isEmpty()) {
            assertRefused(file, name + ": " + key.substring(0, key.indexOf(':')) + " is set");
            assertRefused(file, key.substring(key.indexOf(':') + 2));
            return;
        }
        PeftConfig config = parse(file);
        assertThat(config.ranks().rank()).isBetween(10, 64);
        assertThat(config.beside()).isEqualTo(name.contains("dora") ? Beside.DORA : Beside.NOTHING);
        assertThat(config.ranks().scaleOf("model.layers.0.self_attn.q_proj"))
                .isEqualTo(name.contains("rslora") ? 8.0 : 2.0);
    }

    @Test
    void trainedAdapterIsAccepted() throws IOException {
        PeftConfig config = parse(SharedData.require("peft-adapters/gpt2-tigrinya-causal-lm/adapter_config.json"));
        assertThat(config.ranks()).isEqualTo(Ranks.uniform(8, 32, false));
        assertThat(config.fanInFanOut()).isTrue();
    }

    @Test
    void handWrittenAdapterIsRefusedForItsUnknownKey() throws IOException {
        assertRefused(
                SharedData.require("peft-adapters/dialogpt-synthetic/adapter_config.json"),
                "unknown key alpha (number 16)");
    }

    @TestFactory
    Stream<DynamicTest> recordedAdaptersOfPeftAreAccepted() {
        Path golden = SharedData.require("peft-golden");
        return Stream.of("gpt2", "llama3-scaled-tied", "qwen2")
                .flatMap(family -> Stream.of("lora", "rslora-patterns", "alora")
                        .map(adapter ->
                                golden.resolve(family).resolve("adapters").resolve(adapter)))
                .map(directory ->
                        DynamicTest.dynamicTest(golden.relativize(directory).toString(), () -> {
                            Path file = directory.resolve("adapter_config.json");
                            assertThat(parse(file).ranks().rank()).isEqualTo(directory.endsWith("alora") ? 8 : 4);
                            assertThat(parse(file).beside().invocation())
                                    .isEqualTo(directory.endsWith("alora") ? List.of(77, 78, 79) : List.of());
                        }));
    }

    private static PeftConfig parse(Path file) throws IOException {
        return PeftConfig.parse(Files.readString(file), file.getFileName().toString(), Set.of(), note -> {});
    }

    private static void assertRefused(Path file, String message) {
        assertThatThrownBy(() -> parse(file)).isInstanceOf(InlayException.class).hasMessageContaining(message);
    }
}
