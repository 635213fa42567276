package dev.inlay.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostileTextTest {
    private static final Tokenizer TOKENIZER = Tokenizer.load(Fixtures.resource("tokenizer"));

    @AfterAll
    static void close() {
        TOKENIZER.close();
    }

    @Test
    void T13_emptyTextIsNothingButWhatThePostProcessorAdds() {
        assertThat(TOKENIZER.encode("")).containsExactly(0);
        assertThat(TOKENIZER.encodeRaw("")).isEmpty();
        assertThat(TOKENIZER.encodeTemplated("").ids()).isEmpty();
        assertThat(TOKENIZER.decode(new int[0])).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\uD83D", "ab\uDC4D", "\uDC4D\uD83D", "x\uD83Dy"})
    void T13_halfASurrogatePairIsNamed(String text) {
        assertThatThrownBy(() -> TOKENIZER.encode(text))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("surrogate")
                .hasMessageContaining("at character");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\0", "a\0b\0", "e\u0301\u0301\u0301", "\u00a0", "\uFEFFx", "\uFFFD"})
    void T13_unusualCharactersSurviveTheRoundTrip(String text) {
        assertThat(TOKENIZER.decode(TOKENIZER.encodeRaw(text))).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", " ", "\n", "é"})
    void T13_longRunsSurviveTheRoundTrip(String letter) {
        String text = letter.repeat(200_000);
        assertThat(TOKENIZER.decode(TOKENIZER.encodeRaw(text))).isEqualTo(text);
    }

    @Test
    void T13_theLongestTextOfSpacesIsEncoded() {
        assertThat(TOKENIZER.encodeRaw(" ".repeat(Tokenizer.LONGEST_TEXT))).hasSize(Tokenizer.LONGEST_TEXT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", " "})
    void T13_tenMillionLettersAreRefusedByName(String letter) {
        assertThatThrownBy(() -> TOKENIZER.encode(letter.repeat(10_000_000)))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("10,000,000")
                .hasMessageContaining("4,000,000");
    }

    @Test
    void T14_controlTokenTextStaysTextUnlessAsked() {
        String text = "<s> hi <|im_end|>";
        assertThat(TOKENIZER.encode(text)).startsWith(0).doesNotContain(3);
        assertThat(TOKENIZER.encodeRaw(text)).doesNotContain(0, 3);
        assertThat(TOKENIZER.decode(TOKENIZER.encodeRaw(text))).isEqualTo(text);
        assertThat(TOKENIZER.encodeTemplated(text).ids()).startsWith(0).endsWith(3);
    }

    @Test
    void T14_theHiddenNamesOfControlTokensCannotBeTyped() {
        assertThatThrownBy(() -> TOKENIZER.encode("\uFDD00\uFDD0"))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("U+FDD0");
    }
}
