package dev.inlay.adapter.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamePatternTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "(",
                ")",
                "a)",
                "(a",
                "[",
                "[a",
                "[]",
                "*a",
                "a**",
                "a{2}{3}",
                "^*",
                "(*a)",
                "a|*",
                "(?=a)*",
                "a\\",
                "[z-a]",
                "(?<",
                "(?P<1x>a)"
            })
    void A8_brokenExpressionsAreRefused(String expression) {
        assertThatThrownBy(() -> NamePattern.ending("rank_pattern", expression))
                .isInstanceOf(InlayException.class)
                .hasMessageStartingWith("rank_pattern: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?i)q_proj",
                "(?i:q)_proj",
                "(q)\\1",
                "q_proj\\Z",
                "q_proj\\z",
                "(?<=q)_proj",
                "(?<!q)_proj",
                "q*+",
                "(?>q)",
                "[a[b]]",
                "[a&&b]",
                "[]a]",
                "[\\w-.]",
                "\\p{L}",
                "\\Qq\\E",
                "(?P=name)",
                "(?#x)",
                "q{a",
                "\\x71",
                "\\u0071",
                "\\0",
                "(?<name>q)",
                "[a--b]",
                "[\\b]",
                "\\R",
                "a{1001}"
            })
    void whatJavaAndPythonReadDifferentlyIsRefused(String expression) {
        assertThatThrownBy(() -> NamePattern.whole("target_modules", expression))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("the regular expression \"" + expression + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {".*.*.*.*.*.*b", "(.*a){12}b", "(.*.*)*(.*.*)*b"})
    void expressionsThatRunForEverEndWithAnError(String expression) {
        NamePattern pattern = NamePattern.whole("target_modules", expression);
        assertThatThrownBy(() -> pattern.matches("a".repeat(60)))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("needs more than 200000 steps")
                .hasMessageContaining("simplify");
    }

    @Test
    void nestingThatWouldExhaustTheStackIsRefused() {
        assertThatThrownBy(() -> NamePattern.whole("target_modules", "(".repeat(5000) + ")".repeat(5000)))
                .hasMessageContaining("nests deeper than 10 groups");
    }

    @Test
    void wholeExpressionIncludesEachAlternative() {
        NamePattern pattern = NamePattern.whole("target_modules", "a|b.c");
        assertThat(pattern.matches("a")).isTrue();
        assertThat(pattern.matches("b.c")).isTrue();
        assertThat(pattern.matches("a.c")).isFalse();
        assertThat(pattern.matches("xa")).isFalse();
    }

    @Test
    void countsWithoutLowerBoundMeanFromZero() {
        NamePattern pattern = NamePattern.whole("target_modules", "qa{,2}");
        assertThat(pattern.matches("q")).isTrue();
        assertThat(pattern.matches("qaa")).isTrue();
        assertThat(pattern.matches("qaaa")).isFalse();
    }

    @Test
    void layerIsTheFirstNumberBehindTheListsName() {
        NamePattern pattern = NamePattern.layers("layers_pattern", "layers");
        assertThat(pattern.layerIn("model.layers.3.experts.7.up")).hasValue(3);
        assertThat(pattern.layerIn("model.mylayers.3.up")).isEmpty();
        assertThat(pattern.layerIn("layers.4.up")).hasValue(4);
    }
}
