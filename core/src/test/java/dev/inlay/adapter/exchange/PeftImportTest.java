package dev.inlay.adapter.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.adapter.gate.Boundary;
import dev.inlay.adapter.gate.Trigger;
import dev.inlay.adapter.gate.TriggerGate;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.adapter.peft.Ranks;
import dev.inlay.engine.Scope;
import dev.inlay.model.Gate;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Reading;
import dev.inlay.model.Segments;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.testing.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Recorded adapters under the names that other programs give, against the logits that peft records. */
class PeftImportTest {
    private static final Recorded LLAMA = new Recorded("llama-gqa-untied");
    private static final Recorded GPT2 = new Recorded("gpt2-untied");
    private static final String PREFIX = "base_model.model.";

    @TempDir
    Path folder;

    private Scope scope;
    private Path source;
    private Path target;

    @BeforeEach
    void open() throws IOException {
        scope = Scope.open();
        source = Files.createDirectory(folder.resolve("source"));
        target = folder.resolve("target");
    }

    @AfterEach
    void close() {
        scope.close();
    }

    static Stream<Arguments> forms() {
        UnaryOperator<String> adapterName = name -> name.replace(".weight", ".default.weight");
        UnaryOperator<String> compiled = name -> "_orig_mod." + name;
        UnaryOperator<String> sharded = name ->
                name.replace(".layers.", ".layers._fsdp_wrapped_module.").replace(".h.", ".h._fsdp_wrapped_module.");
        UnaryOperator<String> distributed = name -> "module." + name;
        UnaryOperator<String> noPrefix = name -> name.substring(PREFIX.length());
        UnaryOperator<String> multimodal = name -> name.replace(PREFIX + "model.", PREFIX + "model.language_model.");
        UnaryOperator<String> headless = name -> name.replace(PREFIX + "transformer.h.", PREFIX + "h.");
        UnaryOperator<String> all = name -> compiled.apply(adapterName.apply(noPrefix.apply(name)));
        return Stream.of(
                Arguments.of("the adapter's name", LLAMA, "lora", adapterName),
                Arguments.of("torch.compile", LLAMA, "rslora-patterns", compiled),
                Arguments.of("FSDP", LLAMA, "qv", sharded),
                Arguments.of("DDP", LLAMA, "lora", distributed),
                Arguments.of("no prefix", LLAMA, "lora", noPrefix),
                Arguments.of("a multimodal wrapper", LLAMA, "lora", multimodal),
                Arguments.of("everything at once", LLAMA, "lora", all),
                Arguments.of("no head", GPT2, "lora", headless),
                Arguments.of("everything on GPT-2", GPT2, "rslora-patterns", all));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("forms")
    void renamedTensorsMeanTheSame(String form, Recorded model, String name, UnaryOperator<String> names)
            throws IOException {
        copy(model.adapter(name), names);
        Converted converted = PeftImport.named(source, model.directory(), Set.of(), target);
        assertThat(converted.notes()).as(form).isNotEmpty();
        assertThat(converted.effect().largest()).isGreaterThan(1e-2);
        assertThat(model.distance(model.read(target), name)).isLessThan(3e-5);
        assertThat(target.resolve(Layout.CONFIG))
                .hasSameBinaryContentAs(model.adapter(name).resolve(Layout.CONFIG));
    }

    @Test
    void factorsOfOtherLibrariesNeedRankAndAlpha() {
        Path file = folder.resolve("lora.safetensors");
        UnaryOperator<String> bare = name -> name.substring(PREFIX.length()).replace(".weight", "");
        Recorded.rename(LLAMA.adapter("lora").resolve(Layout.PEFT_WEIGHTS), file, bare);
        assertThat(Layout.of(file)).isEqualTo(Layout.BARE);
        PeftImport.bare(file, Ranks.uniform(4, 8, false), LLAMA.directory(), Set.of(), target);
        assertThat(LLAMA.distance(LLAMA.read(target), "lora")).isLessThan(3e-5);
        Path other = folder.resolve("other");
        assertThatThrownBy(() -> PeftImport.bare(file, Ranks.uniform(5, 8, false), LLAMA.directory(), Set.of(), other))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("rank 4")
                .hasMessageContaining("5");
        assertThat(other).doesNotExist();
    }

    @Test
    void endingsThatPeftDoesNotWriteBecomeItsOwn() {
        List<String> found = List.of(
                "base_model.model.a.b.lora_magnitude_vector.weight",
                "base_model.model.a.b.lora_B.default.bias",
                "base_model.model.a.e.lora_embedding_A.default",
                "base_model.model.head.modules_to_save.default.weight",
                "base_model.model.strange");
        assertThat(FactorNames.of(source, found, "a.b"::equals).names())
                .isEqualTo(Map.of(
                        found.get(0), "base_model.model.a.b.lora_magnitude_vector",
                        found.get(1), "base_model.model.a.b.lora_B.bias",
                        found.get(2), "base_model.model.a.e.lora_embedding_A",
                        found.get(3), "base_model.model.head.weight",
                        found.get(4), "base_model.model.strange"));
    }

    @Test
    void tensorsOfTwoAdaptersAndTwoTensorsOfOneNameAreRefused() {
        assertThatThrownBy(() -> FactorNames.of(source, List.of("a.lora_A.x.weight", "a.lora_B.y.weight"), p -> true))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("several adapters (x, y)");
        assertThatThrownBy(() -> FactorNames.of(source, List.of("a.lora_A", "a.lora_A.weight"), p -> true))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("would both be base_model.model.a.lora_A.weight");
    }

    @Test
    void activatedLoraOfBeforePeftOpensOneTokenLaterThanItsTextSays() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        for (Path from : List.of(Golden.path("llama-gqa-untied/model"), Golden.path("tokenizer"))) {
            try (Stream<Path> files = Files.list(from)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Files.copy(file, model.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        copy(LLAMA.adapter("lora"), name -> name);
        edit("\"peft_type\"", "\"invocation_string\": \"abc\", \"peft_type\"");
        Converted converted = PeftImport.activated(source, ModelDirectory.open(model), Set.of(), target);
        assertThat(converted.effect().largest()).isGreaterThan(1e-2);
        Gate gate = PeftDirectory.config(target, Set.of()).beside().gate();
        int[] ids;
        try (Tokenizer tokenizer = Tokenizer.load(model)) {
            ids = tokenizer.encodeRaw("xabcx");
        }
        TriggerGate whole = TriggerGate.of(Trigger.of(List.of(ids[1], ids[2], ids[3])));
        Segments legacy = whole.with(Boundary.AFTER_FIRST_TRIGGER_TOKEN).over(Reading.of(ids));
        assertThat(gate.over(Reading.of(ids))).isEqualTo(legacy).isEqualTo(Segments.from(2));
        assertThat(whole.over(Reading.of(ids))).isEqualTo(Segments.from(1));
    }

    @Test
    void activatedLoraOfBeforePeftIsRefusedByName() throws IOException {
        copy(LLAMA.adapter("lora"), name -> name.replace(".weight", ".default.weight"));
        edit("\"peft_type\"", "\"invocation_string\": \"<|start|>\", \"peft_type\"");
        assertRefused("--from legacy-alora");
    }

    @Test
    void fusedFactorsOfBeforePeft03AreRefusedByName() throws IOException {
        copy(LLAMA.adapter("lora"), name -> name.replace(".weight", ".default.weight"));
        edit("\"peft_type\"", "\"enable_lora\": [true, false, true], \"peft_type\"");
        assertRefused("PEFT before 0.3");
    }

    @Test
    void whatPeftWroteNeedsNoConversion() throws IOException {
        copy(LLAMA.adapter("lora"), name -> name);
        assertRefused("is in PEFT's layout already");
    }

    @Test
    void adapterWithoutEffectIsNotWritten() throws IOException {
        copy(LLAMA.adapter("lora"), name -> name.replace(".weight", ".default.weight"));
        edit("\"lora_alpha\": 8", "\"lora_alpha\": 1e-300");
        assertRefused("no difference to the probed logits");
    }

    @Test
    void tensorsForModulesThatTheBaseLacksAreRefusedByTheStrictReader() throws IOException {
        copy(LLAMA.adapter("lora"), name -> name.substring(PREFIX.length()).replace("q_proj", "query"));
        assertRefused("nearest: model.layers.0.self_attn.");
    }

    @Test
    void layoutIsToldFromTheFiles() throws IOException {
        assertThat(Layout.of(LLAMA.adapter("lora"))).isEqualTo(Layout.PEFT);
        assertThat(Layout.of(LLAMA.directory().path())).isEqualTo(Layout.MODEL);
        assertNoLayout("found none of them");
        Files.writeString(source.resolve("adapter_model.bin"), "x");
        assertNoLayout("is a pickle");
        Files.writeString(source.resolve(Layout.MLX_WEIGHTS), "x");
        assertThat(Layout.of(source)).isEqualTo(Layout.MLX);
        Files.writeString(source.resolve(Layout.PEFT_WEIGHTS), "x");
        assertNoLayout("say which with --from");
    }

    private void assertNoLayout(String message) {
        assertThatThrownBy(() -> Layout.of(source))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining(message);
    }

    private void assertRefused(String message) {
        assertThatThrownBy(() -> PeftImport.named(source, LLAMA.directory(), Set.of(), target))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining(message);
        assertThat(target).doesNotExist();
    }

    private void copy(Path adapter, UnaryOperator<String> names) throws IOException {
        Files.copy(adapter.resolve(Layout.CONFIG), source.resolve(Layout.CONFIG));
        Recorded.rename(adapter.resolve(Layout.PEFT_WEIGHTS), source.resolve(Layout.PEFT_WEIGHTS), names);
    }

    private void edit(String old, String replacement) throws IOException {
        Path config = source.resolve(Layout.CONFIG);
        String text = Files.readString(config);
        assertThat(text).contains(old);
        Files.writeString(config, text.replace(old, replacement));
    }
}
