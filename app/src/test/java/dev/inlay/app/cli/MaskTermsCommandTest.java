package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskTermsCommandTest {
    private static final Path ADAPTER = TinyModel.RECORDED.resolve("adapters/lora");

    @TempDir
    Path folder;

    private Path model;
    private Path data;

    @BeforeEach
    void lay() throws IOException {
        model = TinyModel.in(folder);
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            rows.add("{\"prompt\": \"" + "cdx".repeat(i + 1) + "ab?\", \"completion\": \"no\"}");
        }
        data = Files.write(folder.resolve("rows.jsonl"), rows);
    }

    private Outcome terms(Object... more) {
        List<Object> words = new ArrayList<>(
                List.of("mask-terms", "--model", model, "--adapter", ADAPTER, "--data", data, "--quiet"));
        words.addAll(List.of(more));
        return Outcome.of(words.toArray());
    }

    @Test
    void lossesAndSharesOfEveryLayerAreShown() throws IOException {
        Outcome outcome = terms("--gate", "trigger:ab?", "--json");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        JsonNode result = JsonMapper.builder().build().readTree(outcome.out());
        JsonNode evaluated = JsonMapper.builder()
                .build()
                .readTree(Outcome.of("evaluate", "--model", model, "--adapter", ADAPTER, "--data", data, "--json")
                        .out());
        assertThat(result.path("adapter").asDouble())
                .isCloseTo(evaluated.path("adapter_loss").asDouble(), within(1e-5));
        assertThat(result.path("base").asDouble())
                .isCloseTo(evaluated.path("base_loss").asDouble(), within(1e-5));
        JsonNode without = result.path("without");
        assertThat(without).hasSize(12);
        double whole = result.path("adapter").asDouble();
        assertThat(without.path("q.dk, dq.dk, dv").asDouble()).isNotCloseTo(whole, within(1e-6));
        assertThat(without.path("dv").asDouble())
                .isNotEqualTo(without.path("dv direct").asDouble());
        JsonNode layers = result.path("layers");
        assertThat(layers.size()).isGreaterThan(1);
        assertThat(layers.get(0).path("dk_indirect").asDouble()).isCloseTo(0, within(1e-6));
        assertThat(layers.get(0).path("dk_direct").asDouble()).isPositive();
        assertThat(layers.get(1).path("dv_indirect").asDouble()).isPositive();
    }

    @Test
    void theTableSaysWhichIsTheMask() {
        Outcome outcome = terms("--gate", "trigger:ab?", "--looked-at", 2);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("q.dk indirect", "(the adapter behind a mask)", "dk direct, ind.");
    }

    @Test
    void aPrefixMustBeToldFromTheRest() {
        Outcome outcome = terms();
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains("--gate").hasLineCount(1);
        Outcome response = terms("--gate", "trigger:cdx", "--gate-occurrence", "first");
        assertThat(response.code()).as("nothing comes before").isEqualTo(2);
        assertThat(response.err()).contains("in none of 6 rows").hasLineCount(1);
    }
}
