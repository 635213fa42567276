package dev.inlay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FactsTest {
    @Test
    void peakMemoryIsReadInUnitsOf1024Bytes() {
        assertThat(ProcessCost.peakRssBytes(List.of("Name:\tjava", "VmHWM:\t  1234 kB", "VmRSS:\t   99 kB")))
                .hasValue(1234 * 1024);
    }

    @Test
    void aSystemThatDoesNotTellItsPeakHasNone() {
        assertThat(ProcessCost.peakRssBytes(List.of("Name:\tjava"))).isEmpty();
    }

    @Test
    void processorIsTheNameThatLinuxGives() {
        assertThat(MachineDescription.processor(
                        Stream.of("cpu family\t: 6", "model name\t: Abacus 9", "model name\t: b")))
                .contains("Abacus 9");
    }

    @Test
    void libtorchIsTheFirstVersionInTheNameOfItsJar() {
        String classPath = "/m/javacpp-1.5.13.jar:/m/pytorch-2.10.0-1.5.13-linux-x86_64.jar:/m/x.jar";
        assertThat(MachineDescription.libtorch(classPath)).isEqualTo("2.10.0");
        assertThat(MachineDescription.libtorch("/m/pytorch-2.11.1-1.6.jar")).isEqualTo("2.11.1");
        assertThat(MachineDescription.libtorch("/m/x.jar")).isEqualTo("unknown");
    }

    @Test
    void tokensAreEqualUpToTheFirstDifference() throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        assertThat(Comparison.equalTokens(mapper.readTree("[1, 2, 3, 4]"), mapper.readTree("[1, 2, 9, 4]")))
                .isEqualTo(2);
        assertThat(Comparison.equalTokens(mapper.readTree("[1, 2]"), mapper.readTree("[1, 2, 3]")))
                .isEqualTo(2);
    }

    @Test
    void theCommandToRepeatNamesItsSettingsAndNoPlaceOfThisMachine() {
        Comparison.Settings settings = Job.parse(
                Comparison.Settings.class,
                "--model=/a/b",
                "--model-bf16=/a/c",
                "--python=/d/python",
                "--pairs=3",
                "--start-up=/e");
        assertThat(Comparison.repeat(settings))
                .contains("--pairs 3 --threads 1,2 --start-up SMALL_MODEL_DIRECTORY")
                .doesNotContain("/a", "/d", "/e", "--quick");
    }
}
