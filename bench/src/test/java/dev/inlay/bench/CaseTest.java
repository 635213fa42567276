package dev.inlay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CaseTest {
    @Test
    void coversAllJobsInBothTypesWithEachNumberOfThreadsAndTheNeighbourWithTheMost() {
        assertThat(Case.all(List.of(1, 2)).stream().map(Case::toString))
                .containsExactly(
                        "training float32 1 thread",
                        "training float32 2 threads",
                        "training bfloat16 1 thread",
                        "training bfloat16 2 threads",
                        "generation float32 1 thread",
                        "generation float32 2 threads",
                        "generation bfloat16 1 thread",
                        "generation bfloat16 2 threads",
                        "pretraining float32 1 thread",
                        "pretraining float32 2 threads",
                        "pretraining bfloat16 1 thread",
                        "pretraining bfloat16 2 threads",
                        "training float32 2 threads busy neighbour",
                        "training bfloat16 2 threads busy neighbour");
    }
}
