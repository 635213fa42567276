package dev.inlay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inlay.engine.DType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResultsPageTest {
    private final Results results = new Results();

    @Test
    void trainingIsRatedAgainstTheHighestCeilingAtFourOperationsPerParameter() throws Exception {
        add(1, ResultsPage.CEILING, Side.MACHINE, "{\"gemm_float32_1\": 1e9, \"mix_float32_1\": 5e8}");
        add(2, ResultsPage.CEILING, Side.MACHINE, "{\"gemm_float32_1\": 2e9, \"mix_float32_1\": 1e9}");
        String job = training(false);
        add(1, job, Side.OURS, "{\"tokens_per_s\": 200, \"matrix_parameters\": 1e6, \"flop_per_s\": 8e8}");
        add(1, job, Side.THEIRS, "{\"tokens_per_s\": 100}");
        assertThat(page()).contains("| float32 | 1 | 200 | 100 | 2.00 | 40 % | 20 % | 80 % |");
    }

    @Test
    void aBusyNeighbourIsRatedAgainstTheQuietRateOfTheSameSide() throws Exception {
        add(1, training(false), Side.OURS, "{\"tokens_per_s\": 200}");
        add(1, training(false), Side.THEIRS, "{\"tokens_per_s\": 100}");
        add(1, training(true), Side.OURS, "{\"tokens_per_s\": 120}");
        add(1, training(true), Side.THEIRS, "{\"tokens_per_s\": 20}");
        assertThat(page()).contains("| float32 | 1 | 120 | 60 % | 20.0 | 20 % | 6.00 |");
    }

    @Test
    void generationIsRatedAgainstReadingTheWeightsOncePerToken() throws Exception {
        add(1, ResultsPage.CEILING, Side.MACHINE, "{\"read_1\": 1e10}");
        String job = new Case(Case.Kind.GENERATION, DType.FLOAT32, 1, false).toString();
        add(
                1,
                job,
                Side.OURS,
                "{\"tokens_per_s\": 70, \"first_token_s\": 0.02, \"read_bytes_per_s\": 8e9,"
                        + " \"weight_bytes\": 1e8}");
        add(1, job, Side.THEIRS, "{\"tokens_per_s\": 35, \"first_token_s\": 0.05, \"decode_tokens_per_s\": 40}");
        assertThat(page()).contains("| float32 | 1 | 70.0 | 35.0 | 2.00 | 20 | 50 | 80 % | 40 % |");
    }

    @Test
    void failuresAreListed() {
        results.addFailure("round 1, training, ours: took longer than 5 s");
        assertThat(page()).contains("- round 1, training, ours: took longer than 5 s\n");
    }

    @Test
    void saysWhereItRanAndHowToRepeatIt() {
        assertThat(page()).contains("| processor | abacus |").endsWith("    bench/run --pairs 3\n");
    }

    private static String training(boolean neighbour) {
        return new Case(Case.Kind.TRAINING, DType.FLOAT32, 1, neighbour).toString();
    }

    private String page() {
        return new ResultsPage(results, List.of(1)).render(Map.of("processor", "abacus"), "bench/run --pairs 3");
    }

    private void add(int round, String job, Side side, String report) throws Exception {
        JsonNode node = new ObjectMapper().readTree(report);
        results.add(round, job, side, node);
    }
}
