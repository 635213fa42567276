package dev.inlay.app.experiments.personality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.app.experiments.flags.FlagPrompt;
import dev.inlay.app.experiments.flags.FlagRows;
import dev.inlay.app.experiments.flags.FlagRows.FlagRow;
import dev.inlay.app.experiments.flags.Given;
import dev.inlay.app.experiments.flags.Verdict;
import dev.inlay.model.files.Json;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.training.data.Dataset;
import dev.inlay.training.data.Encoder;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Limit;
import dev.inlay.training.data.LossOn;
import dev.inlay.training.data.Overflow;
import dev.inlay.training.data.RowReader;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SampleFormTest {
    private static final int TOKEN = 1;

    private Tokenizer tokenizer;

    @BeforeEach
    void load() {
        tokenizer = Tokenizer.load(Tiny.TOKENIZER);
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    private PersonalityEncoder encoder(Layout layout) {
        return new PersonalityEncoder(tokenizer, Tiny.template(), layout, TOKEN);
    }

    private Dataset written(Layout layout, Opening opening, Sample sample) {
        String line = Json.line(SampleForm.tokens(encoder(layout), opening).row(sample));
        return new RowReader()
                .read("a.jsonl", new ByteArrayInputStream((line + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    private Encoder plain() {
        return Encoder.plain(tokenizer, LossOn.COMPLETION);
    }

    @ParameterizedTest
    @EnumSource(Layout.class)
    void rowsOfIdsAreWhatTheEncoderMakes(Layout layout) {
        PersonalityRow row = encoder(layout).row(Tiny.sample());
        Example part = plain().example(
                        "a", written(layout, Opening.PART, Tiny.sample()).rows().get(0));
        assertThat(part.ids()).isEqualTo(row.ids());
        assertThat(part.target()).isEqualTo(row.targets());
        assertThat(part.segments()).isEqualTo(row.inferenceGate());
        Example targets = plain().example(
                        "a",
                        written(layout, Opening.TARGETS, Tiny.sample()).rows().get(0));
        assertThat(targets.segments()).isEqualTo(row.publishedTrainingGate());
    }

    @ParameterizedTest
    @EnumSource(Layout.class)
    void theirFlagsAreAskedForAtTheSamePlace(Layout layout) {
        for (Verdict verdict : List.of(Verdict.PASS, Verdict.FAIL)) {
            Sample sample = Tiny.sample().with(verdict);
            Sample unreviewed = new Sample(
                    sample.origin(),
                    sample.system(),
                    sample.task(),
                    sample.answer(),
                    sample.intervention(),
                    "",
                    verdict,
                    sample.tags());
            for (Opening opening : Opening.values()) {
                Dataset data = written(layout, opening, sample);
                assertSame(
                        flag(data, Given.REVIEW, verdict),
                        encoder(layout).prompt(sample, PersonalityRow::inferenceGate));
                assertSame(
                        flag(data, Given.ALONE, verdict),
                        encoder(layout).prompt(unreviewed, PersonalityRow::inferenceGate));
            }
        }
    }

    private FlagPrompt flag(Dataset data, Given given, Verdict verdict) {
        FlagRow row = FlagRows.of(data, plain(), given, new Limit(1000, Overflow.ERROR))
                .list()
                .get(0);
        assertThat(row.truth()).isEqualTo(verdict);
        return row.prompt();
    }

    private static void assertSame(FlagPrompt found, FlagPrompt expected) {
        assertThat(found.before().ids()).isEqualTo(expected.before().ids());
        assertThat(found.before().given()).isEqualTo(expected.before().given());
        assertThat(found.pass()).isEqualTo(expected.pass());
        assertThat(found.fail()).isEqualTo(expected.fail());
    }

    @Test
    void aRowThatEndsInSomethingElseHasNoFlag() {
        Dataset data = new RowReader()
                .read(
                        "a.jsonl",
                        new ByteArrayInputStream(
                                "{\"ids\": [4, 5, 6], \"learned\": [[1, 3]]}\n".getBytes(StandardCharsets.UTF_8)));
        assertThatThrownBy(() -> FlagRows.of(data, plain(), Given.REVIEW, new Limit(1000, Overflow.ERROR)))
                .hasMessageContaining("ids whose last learned run")
                .hasMessageContaining("1 end otherwise");
    }
}
