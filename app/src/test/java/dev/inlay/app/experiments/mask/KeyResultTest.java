package dev.inlay.app.experiments.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.app.experiments.world.KeyChats.Answer;
import dev.inlay.app.experiments.world.Register;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyResultTest {
    private static final List<Arm> BOTH = List.of(Arm.MASK, Arm.NO_MASK);
    private static final List<Answer> FLAG = List.of(Answer.FLAG);

    /** By hand: mean 0.7, deviation 0.1, three values, t = 4.3027 with two degrees of freedom. */
    @Test
    void theIntervalIsThatOfStudent() {
        KeyResult result =
                new KeyResult(Register.KEY_READ, Arm.MASK, 1e-3, List.of(0.6, 0.7, 0.8), List.of(0.5, 0.7, 0.9));
        assertThat(result.accuracy().mean()).isCloseTo(0.7, within(1e-12));
        assertThat(result.accuracy().interval()).isCloseTo(4.3027 * 0.1 / Math.sqrt(3), within(1e-5));
        assertThat(result.area().mean()).isCloseTo(0.7, within(1e-12));
    }

    @Test
    void settingsThatCannotWorkAreRefused() {
        assertThatThrownBy(() -> new KeyOptions(BOTH, FLAG, 4, 10, 1, 8, 4, List.of(1e-3), 2))
                .hasMessageContaining("4 answers");
        assertThatThrownBy(() -> new KeyOptions(BOTH, List.of(), 8, 10, 1, 8, 4, List.of(1e-3), 2))
                .hasMessageContaining("one answer");
        assertThatThrownBy(() -> new KeyOptions(BOTH, FLAG, 8, 10, 1, 8, 4, List.of(), 2))
                .hasMessageContaining("learning rate");
        assertThatThrownBy(() -> new KeyOptions(BOTH, FLAG, 8, 10, 1, 8, 4, List.of(0.0), 2))
                .hasMessageContaining("positive");
        assertThatThrownBy(() -> new KeyOptions(BOTH, FLAG, 8, 10, 1, 8, 4, List.of(1e-3), 1))
                .hasMessageContaining("2 seeds");
        assertThat(new KeyOptions(BOTH, FLAG, 8, 10, 1, 8, 4, List.of(1e-3, 1e-2), 5).trainings(3))
                .isEqualTo(42);
    }
}
