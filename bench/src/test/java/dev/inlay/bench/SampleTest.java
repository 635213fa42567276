package dev.inlay.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SampleTest {
    @Test
    void medianOfAnOddNumberIsTheMiddleWhateverTheOrder() {
        assertThat(Sample.of(9, 1, 4).median()).isEqualTo(4);
    }

    @Test
    void medianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
        assertThat(Sample.of(10, 1, 2, 4).median()).isEqualTo(3);
    }

    @Test
    void extremesAreTheLeastAndTheGreatest() {
        Sample sample = Sample.of(3, -1, 2);
        assertThat(sample.min()).isEqualTo(-1);
        assertThat(sample.max()).isEqualTo(3);
    }

    @Test
    void nothingIsNoSample() {
        assertThatThrownBy(() -> new Sample(List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
