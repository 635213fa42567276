package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.adapter.gate.FixedGate;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Activation;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Pass;
import dev.inlay.model.Segments;
import dev.inlay.model.Stream;
import dev.inlay.testing.Golden;
import dev.inlay.training.data.Example;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NonInterferenceTest {
    private static final Gate FROM_THREE = new FixedGate(Segments.from(3));
    private static final List<Example> ROWS = List.of(
            new Example(new int[] {5, 6, 7, 8, 9}, new boolean[] {false, false, false, false, true}, 1),
            new Example(new int[] {5, 6}, new boolean[] {false, true}, 2));

    /** Adds a little to what a layer hands on, from a position on. */
    private record Nudge(int from) implements Intervention {
        @Override
        public Set<Stream> streams() {
            return Set.of(Stream.RESIDUAL_END);
        }

        @Override
        public Tensor at(Activation where, Tensor value, Pass pass) {
            double[] more = new double[(int) value.count()];
            int width = (int) value.size(1);
            for (int i = from * width; i < more.length; i++) {
                more[i] = 1e-3;
            }
            return value.plus(Tensor.of(more, value.shape()).to(value.dtype()));
        }
    }

    @Test
    void whatActsBeforeTheGateIsFoundByTheLeastBit() {
        try (Scope scope = Scope.open();
                Decoder decoder = ModelDirectory.open(Golden.path("llama-gqa-untied/model"))
                        .load(DType.FLOAT32, Device.CPU)) {
            NonInterference proof = NonInterference.of(decoder, ROWS, FROM_THREE, List.of(new Nudge(3)));
            assertThat(proof).isEqualTo(new NonInterference(2, 3 + 1));
            assertThat(proof.toString()).contains("4 tokens").contains("2 rows");
            assertThatThrownBy(() -> NonInterference.of(decoder, ROWS, FROM_THREE, List.of(new Nudge(2))))
                    .isInstanceOf(InlayException.class)
                    .hasMessageContaining("line 1");
        }
    }
}
