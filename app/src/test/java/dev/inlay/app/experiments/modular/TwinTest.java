package dev.inlay.app.experiments.modular;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.engine.Scope;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The small twin learns addition and forgets it; whether depth hastens that is measured by the command, never here. */
class TwinTest {
    @ParameterizedTest
    @CsvSource({"2, 1", "4, 0"})
    void additionIsLearntAndForgotten(int depth, long seed) {
        ModularOptions twin = ModularOptions.TWIN;
        ModularOptions options = new ModularOptions(
                twin.modulus(),
                twin.width(),
                twin.depths(),
                twin.seeds(),
                twin.arms(),
                twin.accuracy(),
                twin.tolerance(),
                twin.pretraining(),
                new ModularOptions.Phase(.3, 1e-3, .01, 400),
                twin.rank(),
                twin.alpha());
        Sizes sizes = new Sizes(options.modulus(), options.width(), depth, Base.TIED);
        try (Scope scope = Scope.open()) {
            Pretraining.Result base = new Pretraining(sizes, options, new Seeds(seed)).run(epoch -> {});
            assertThat(base.accuracy()).isGreaterThanOrEqualTo(.99);
            assertThat(base.epochs()).isLessThan(5000);
            Curve curve = new FineTuning(sizes, options, new Seeds(seed), base.values())
                    .trained(Arm.parse("lora value"), epoch -> {})
                    .curve();
            assertThat(curve.first().addition()).isEqualTo(base.accuracy());
            assertThat(curve.first().norm()).isZero();
            assertThat(curve.fall(.9, Curve.Point::epoch).orInfinity()).isBetween(10.0, 60.0);
            assertThat(curve.fall(.5, Curve.Point::epoch).orInfinity()).isBetween(25.0, 120.0);
            assertThat(curve.last().addition()).isLessThan(.3);
        }
    }
}
