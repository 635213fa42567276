package dev.inlay.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.model.Segments;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.testing.SharedData;
import dev.inlay.training.data.Row.CompletionRow;
import dev.inlay.training.data.Row.TextRow;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ExampleViewTest {

    @Test
    void coloursMarkTargets() {
        assertThat(view(ExampleView.colours(100), new CompletionRow(1, "the", " sea")))
                .isEqualTo("\u001B[1m<s>\u001B[22mthe\u001B[32m sea\u001B[1m<|im_end|>\u001B[22m\u001B[39m");
    }

    @Test
    void whatTheAdapterActsOnIsMarkedAroundTheTargets() {
        try (Tokenizer tokenizer = Fixture.tokenizer()) {
            Example example = new Example(tokenizer.encode("abcd"), new boolean[tokenizer.encode("abcd").length], 1);
            example.target()[4] = true;
            assertThat(ExampleView.brackets(100).of(example, Segments.of(0, 0, 1, 1, 1, 0), tokenizer))
                    .isEqualTo("\u2039<s>\u203Aa\u25B8bc\u27E6d\u27E7\u25C2");
        }
    }

    @Test
    void longExamplesAreShownByTheirEnds() {
        assertThat(view(ExampleView.brackets(4), new TextRow(1, "x".repeat(20))))
                .isEqualTo("\u2039<s>\u203A\u27E6x\u27E7 ... 18 tokens ... \u27E6x\u2039<|im_end|>\u203A\u27E7");
    }

    @Test
    void controlCharactersOfTheDataReachNoTerminal() {
        assertThat(view(ExampleView.brackets(100), new TextRow(1, "a\u001B[2Jb\r\n")))
                .isEqualTo("\u2039<s>\u203A\u27E6a\uFFFD[2Jb\uFFFD\u21B5\n\u2039<|im_end|>\u203A\u27E7");
    }

    /** A name that a user typed is text, and must not look like the token. */
    @Test
    void aSpelledOutControlTokenIsNotMarkedAsOne() {
        assertThat(view(ExampleView.brackets(100), new CompletionRow(1, "<s>", "</s>")))
                .isEqualTo("\u2039<s>\u203A<s>\u27E6</s>\u2039<|im_end|>\u203A\u27E7");
    }

    @Test
    @Tag("data")
    void blanksBetweenRunsAreKept() {
        try (Tokenizer real = Tokenizer.load(SharedData.require("stories260K/hf"))) {
            Example example = Encoder.plain(real, LossOn.COMPLETION)
                    .example("a", new CompletionRow(1, "Once upon a", " time there was"));
            assertThat(ExampleView.brackets(100).of(example, Segments.OPEN, real))
                    .contains("Once upon a\u27E6 time there was");
        }
    }

    private static String view(ExampleView view, Row row) {
        try (Tokenizer tokenizer = Fixture.tokenizer()) {
            return view.of(Encoder.plain(tokenizer, LossOn.COMPLETION).example("a", row), Segments.OPEN, tokenizer);
        }
    }
}
