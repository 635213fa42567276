package dev.inlay.adapter.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ProvenanceTest {
    private static final String PLAIN = "lora";
    private static final TextHashes TEXT = new TextHashes("c".repeat(64), "d".repeat(64));
    private static final Provenance MADE =
            new Provenance("0.1.0", "lora", "stories", "F32", "sha256:" + "a".repeat(64), TEXT, "run-1");

    @Test
    void whatIsWrittenIsReadAgain() {
        assertThat(Provenance.of(MADE.toMetadata(), PLAIN, "file")).contains(MADE);
    }

    @Test
    void unknownValuesAreLeftOut() {
        Provenance unknown = new Provenance("0.1.0", "lora", "", "", "", TextHashes.NONE, "");
        assertThat(unknown.toMetadata()).containsOnlyKeys("format", "inlay.format", "inlay.version", "inlay.variant");
        assertThat(Provenance.of(unknown.toMetadata(), PLAIN, "file")).contains(unknown);
    }

    @Test
    void metadataOfPeftSaysNothing() {
        assertThat(Provenance.of(Map.of("format", "pt"), PLAIN, "file")).isEmpty();
    }

    @Test
    void otherBaseIsRefusedWithBothFingerprintsUnlessAllowed() {
        String other = "sha256:" + "b".repeat(64);
        assertThatThrownBy(() -> MADE.requireBase(base(other, TEXT), Set.of(), "file"))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining(MADE.fingerprint() + " (stories)")
                .hasMessageContaining(other)
                .hasMessageContaining("allow other-base");
        assertThatCode(() -> MADE.requireBase(base(other, TEXT), Set.of(Allowance.OTHER_BASE), "file"))
                .doesNotThrowAnyException();
        assertThatCode(() -> MADE.requireBase(base(MADE.fingerprint(), TEXT), Set.of(), "file"))
                .doesNotThrowAnyException();
    }

    @Test
    void otherTokenizerAndOtherTemplateAreRefusedUnlessAllowed() {
        assertText(new TextHashes("e".repeat(64), TEXT.template()), "tokenizer", Allowance.OTHER_TOKENIZER);
        assertText(new TextHashes(TEXT.tokenizer(), "e".repeat(64)), "chat template", Allowance.OTHER_TEMPLATE);
        assertText(new TextHashes(TEXT.tokenizer(), ""), "this model has none", Allowance.OTHER_TEMPLATE);
    }

    @Test
    void whatTheAdapterDoesNotSayCannotDiffer() {
        Provenance unknown = new Provenance("0.1.0", "lora", "", "", "", TextHashes.NONE, "");
        assertThatCode(() -> unknown.requireBase(base(MADE.fingerprint(), TEXT), Set.of(), "file"))
                .doesNotThrowAnyException();
    }

    private static void assertText(TextHashes here, String message, Allowance allowance) {
        BaseModel base = base(MADE.fingerprint(), here);
        assertThatThrownBy(() -> MADE.requireBase(base, Set.of(), "file"))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("allow " + allowance.word());
        assertThatCode(() -> MADE.requireBase(base, Set.of(allowance), "file")).doesNotThrowAnyException();
    }

    private static BaseModel base(String fingerprint, TextHashes text) {
        return new BaseModel("llama", List.of(), false, fingerprint, text);
    }

    @Test
    void laterFormatOtherVariantAndGateAreRefused() {
        assertRefused("inlay.format", "2", "this version reads \"1\"");
        assertRefused("inlay.variant", "gated", "inlay.variant is \"gated\"");
        assertRefused("inlay.gate", "{}", "inlay.gate is there; one of them was changed");
        assertRefused(
                "inlay.variant",
                "rslora",
                "adapter_config.json says \"lora\" (use_rslora, use_dora, alora_invocation_tokens)");
    }

    private static void assertRefused(String key, String value, String message) {
        Map<String, String> metadata = new TreeMap<>(MADE.toMetadata());
        metadata.put(key, value);
        assertThatThrownBy(() -> Provenance.of(metadata, PLAIN, "file"))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining(message);
    }
}
