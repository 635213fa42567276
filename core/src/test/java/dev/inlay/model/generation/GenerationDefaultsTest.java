package dev.inlay.model.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenerationDefaultsTest {
    @TempDir
    Path model;

    private GenerationDefaults read(String json) throws IOException {
        Files.writeString(model.resolve("generation_config.json"), json);
        return GenerationDefaults.of(model);
    }

    @Test
    void withoutAFileTheBestTokenIsTaken() {
        assertThat(GenerationDefaults.of(model).sampling()).isEqualTo(Sampling.greedy());
        assertThat(GenerationDefaults.of(model).file()).isEmpty();
    }

    @Test
    void drawingTakesWhatTheFileSaysAndElseWhatTransformersTakes() throws IOException {
        String all = "{\"do_sample\": true, \"temperature\": 0.6, \"top_k\": 20, \"top_p\": 0.9, \"min_p\": 0.05,"
                + " \"repetition_penalty\": 1.1, \"eos_token_id\": [1, 2], \"num_beams\": 1}";
        assertThat(read(all).sampling()).isEqualTo(new Sampling(0.6, 20, 0.9, 0.05, 1.1, 0));
        assertThat(read(all).ignored()).isEmpty();
        assertThat(read("{\"do_sample\": true}").sampling()).isEqualTo(new Sampling(1, 50, 1, 0, 1, 0));
    }

    @Test
    void withoutDrawingOnlyThePenaltyCounts() throws IOException {
        assertThat(read("{\"temperature\": 0.6, \"top_p\": 0.9, \"repetition_penalty\": 1.1}")
                        .sampling())
                .isEqualTo(Sampling.greedy().withRepetitionPenalty(1.1));
        assertThat(read("{\"do_sample\": false, \"temperature\": 0, \"top_p\": null}")
                        .sampling())
                .isEqualTo(Sampling.greedy());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "{\"do_sample\": \"yes\"}#do_sample",
                "{\"do_sample\": true, \"temperature\": 0}#temperature",
                "{\"temperature\": -1}#temperature",
                "{\"temperature\": \"hot\"}#temperature",
                "{\"top_k\": -1}#top_k",
                "{\"top_k\": 1.5}#top_k",
                "{\"top_p\": 0}#top_p",
                "{\"top_p\": 1.01}#top_p",
                "{\"min_p\": 2}#min_p",
                "{\"repetition_penalty\": 0}#repetition_penalty",
            })
    void aValueOutOfRangeNamesFileAndKey(String json, String key) {
        assertThatThrownBy(() -> read(json)).isInstanceOfSatisfying(InlayException.class, e -> {
            assertThat(e.kind()).isEqualTo(InlayException.Kind.DATA);
            assertThat(e).hasMessageContaining("generation_config.json").hasMessageContaining(key);
        });
    }

    @Test
    void whatIsNotAppliedIsNamed() throws IOException {
        assertThat(read("{\"no_repeat_ngram_size\": 3, \"suppress_tokens\": [5], \"bad_words_ids\": [],"
                                + " \"typical_p\": 1.0, \"num_beams\": 4, \"max_length\": 20}")
                        .ignored())
                .containsExactly("no_repeat_ngram_size", "num_beams", "suppress_tokens");
    }
}
