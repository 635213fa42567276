package dev.inlay.app.experiments.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.InlayException;
import dev.inlay.dynamics.Head;
import dev.inlay.dynamics.Matrix;
import dev.inlay.engine.Scope;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.testing.Golden;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** 48 wide; 4 query heads of size 12 and 2 key heads, so that query head 3 reads key head 1. */
class ModelHeadTest {
    private static final Path MODEL = Golden.path("llama-gqa-untied/model");
    private static final Path ADAPTER = Golden.path("llama-gqa-untied/adapters/qv");
    private static final int WIDTH = 48;
    private static final int SIZE = 12;

    private static double[] tensor(Path file, String name) {
        try (Scope scope = Scope.open();
                SafetensorsFile open = SafetensorsFile.open(file)) {
            return open.load(open.tensor(name)).toDoubles();
        }
    }

    private static double[] weight(String map) {
        return tensor(MODEL.resolve("model.safetensors"), "model.layers.1.self_attn." + map + "_proj.weight");
    }

    private static double[] factor(String map, String which) {
        return tensor(
                ADAPTER.resolve("adapter_model.safetensors"),
                "base_model.model.model.layers.1.self_attn." + map + "_proj.lora_" + which + ".weight");
    }

    private static Head base(ModelHead head) {
        return head.of(head.layer(Optional.empty()));
    }

    private static Head changed(ModelHead head) {
        return head.of(head.layer(Optional.of(ADAPTER)));
    }

    @Test
    void aLayerNamedWithoutAHeadIsItsHeadsInTurn() {
        String layer = "model " + MODEL + " layer 1";
        Map<String, String> texts = new HashMap<>(
                Map.of("space", "sphere", "tokens", "4", "dimension", "48", "start", "sphere", "time", "1"));
        texts.putAll(Map.of("heads", "4", "score", layer, "value", layer, "change", "adapter " + ADAPTER));
        Outcome outcome = Outcome.of(Setting.of(texts));
        for (int h = 0; h < 4; h++) {
            ModelHead place = new ModelHead(MODEL, 1, h);
            assertThat(outcome.base().heads().get(h)).isEqualTo(base(place));
            assertThat(outcome.changed().orElseThrow().heads().get(h)).isEqualTo(changed(place));
        }
        texts.put("heads", "5");
        assertThatThrownBy(() -> Outcome.of(Setting.of(texts)))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("from 0 to 3");
    }

    @Test
    void aHeadIsMadeOfTheModelsOwnWeights() {
        Head head = base(new ModelHead(MODEL, 1, 3));
        double[] q = weight("q");
        double[] k = weight("k");
        double[] v = weight("v");
        double[] o = weight("o");
        for (int i = 0; i < WIDTH; i += 7) {
            for (int j = 0; j < WIDTH; j += 5) {
                double score = 0;
                double value = 0;
                for (int s = 0; s < SIZE; s++) {
                    score += q[(3 * SIZE + s) * WIDTH + i] * k[(SIZE + s) * WIDTH + j] / Math.sqrt(SIZE);
                    value += o[i * 4 * SIZE + 3 * SIZE + s] * v[(SIZE + s) * WIDTH + j];
                }
                assertThat(head.score().get(i, j)).isCloseTo(score, within(1e-9));
                assertThat(head.value().get(i, j)).isCloseTo(value, within(1e-9));
            }
        }
    }

    /** Rank 8, alpha 16: scale 2. */
    @Test
    void anAdapterAddsItsScaledFactors() {
        ModelHead place = new ModelHead(MODEL, 1, 3);
        Matrix change = changed(place).value().minus(base(place).value());
        double[] up = factor("v", "B");
        double[] down = factor("v", "A");
        double[] o = weight("o");
        double largest = 0;
        for (int i = 0; i < WIDTH; i += 7) {
            for (int j = 0; j < WIDTH; j += 5) {
                double expected = 0;
                for (int s = 0; s < SIZE; s++) {
                    for (int r = 0; r < 8; r++) {
                        expected += o[i * 4 * SIZE + 3 * SIZE + s] * 2 * up[(SIZE + s) * 8 + r] * down[r * WIDTH + j];
                    }
                }
                assertThat(change.get(i, j)).isCloseTo(expected, within(1e-6));
                largest = Math.max(largest, Math.abs(expected));
            }
        }
        assertThat(largest).isGreaterThan(1e-4);
    }

    @Test
    void aSettingNamesModelAndAdapter() {
        Map<String, String> texts = new HashMap<>(
                Map.of("space", "sphere", "tokens", "4", "dimension", "48", "start", "sphere", "time", "2"));
        String head = "model " + MODEL + " layer 1 head 3";
        texts.put("score", head);
        texts.put("value", head);
        texts.put("change", "adapter " + ADAPTER);
        assertThat(Outcome.of(Setting.of(texts)).numbers().get("distance")).isPositive();
        texts.put("value", "identity");
        assertThatThrownBy(() -> Outcome.of(Setting.of(texts)))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("value and score both");
        texts.put("value", head.replace("head 3", "head 4"));
        assertThatThrownBy(() -> Outcome.of(Setting.of(texts)))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("from 0 to 3");
        texts.put("value", "model somewhere");
        assertThatThrownBy(() -> Outcome.of(Setting.of(texts)))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("layer L head H");
    }
}
