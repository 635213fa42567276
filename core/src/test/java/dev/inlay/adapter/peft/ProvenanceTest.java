package dev.inlay.adapter.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ProvenanceTest {
    private static final String PLAIN = "lora";
    private static final Provenance MADE =
            new Provenance("0.1.0", "lora", "stories", "F32", "sha256:" + "a".repeat(64), "run-1");

    @Test
    void whatIsWrittenIsReadAgain() {
        assertThat(Provenance.of(MADE.toMetadata(), PLAIN, "file")).contains(MADE);
    }

    @Test
    void unknownValuesAreLeftOut() {
        Provenance unknown = new Provenance("0.1.0", "lora", "", "", "", "");
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
        assertThatThrownBy(() -> MADE.requireBase(other, Set.of(), "file"))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining(MADE.fingerprint() + " (stories)")
                .hasMessageContaining(other);
        assertThatCode(() -> MADE.requireBase(other, Set.of(Allowance.OTHER_BASE), "file"))
                .doesNotThrowAnyException();
        assertThatCode(() -> MADE.requireBase(MADE.fingerprint(), Set.of(), "file"))
                .doesNotThrowAnyException();
    }

    @Test
    void laterFormatOtherVariantAndGateAreRefused() {
        assertRefused("inlay.format", "2", "this version reads \"1\"");
        assertRefused("inlay.variant", "gated", "inlay.variant is \"gated\"");
        assertRefused("inlay.gate", "{}", "with a gate");
        assertRefused("inlay.variant", "rslora", "adapter_config.json says \"lora\" (use_rslora, use_dora)");
    }

    private static void assertRefused(String key, String value, String message) {
        Map<String, String> metadata = new TreeMap<>(MADE.toMetadata());
        metadata.put(key, value);
        assertThatThrownBy(() -> Provenance.of(metadata, PLAIN, "file"))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining(message);
    }
}
