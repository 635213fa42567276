package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DynamicsCommandTest {
    private static final String[] PAIR = {
        "dynamics", "run", "--tokens", "8", "--seed", "1", "--change", "value diagonal 2 -0.1", "--time", "30", "--out"
    };

    @TempDir
    Path folder;

    private static Outcome of(String[] words, Object... more) {
        return Outcome.of(
                Stream.concat(Stream.of((Object[]) words), Stream.of(more)).toArray());
    }

    @Test
    void sameSettingGivesTheSameBytes() throws IOException {
        Path one = folder.resolve("one");
        Path two = folder.resolve("two");
        assertThat(of(PAIR, one).code()).isZero();
        assertThat(of(PAIR, two).code()).isZero();
        try (Stream<Path> files = Files.list(one)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(7);
            for (Path file : all) {
                assertThat(two.resolve(file.getFileName())).hasSameBinaryContentAs(file);
            }
        }
        assertThat(of(PAIR, one).code()).isEqualTo(2);
    }

    @Test
    void filesHoldTheRun() throws IOException {
        Path run = folder.resolve("run");
        of(PAIR, run);
        JsonNode record = Json.read(run.resolve("run.json"));
        assertThat(record.path("settings").path("change").textValue()).isEqualTo("value diagonal 2 -0.1");
        assertThat(record.path("findings").path("base")).isNotEmpty();
        assertThat(Files.readAllLines(run.resolve("trajectory.csv"))).hasSize(1 + 2 * 121 * 8);
        assertThat(Files.readAllLines(run.resolve("metrics.csv"))).hasSize(1 + 121);
        try (SafetensorsFile tensors = SafetensorsFile.open(run.resolve("trajectory.safetensors"))) {
            assertThat(tensors.tensors().get("changed").shape()).containsExactly(121, 8, 2);
        }
        assertThat(Files.readString(run.resolve("report.html"))).contains("default-src 'none'");
    }

    @Test
    void settingsComeFromAFileToo() throws IOException {
        Path file = folder.resolve("setting.yaml");
        Files.writeString(file, "space: sphere\ntokens: 6\ndimension: 3\nstart: sphere\ntime: 80\n");
        Outcome outcome = Outcome.of("dynamics", "check", "--config", file, "--json");
        assertThat(outcome.code()).isZero();
        JsonNode finding = Json.parse(outcome.out(), "output").path("base").get(0);
        assertThat(finding.textValue()).startsWith("T9").contains("HOLDS");
        Files.writeString(file, "tokenz: 6\n");
        Outcome wrong = Outcome.of("dynamics", "check", "--config", file);
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("tokenz", "tokens");
    }

    @Test
    void aStoppedSweepGoesOnToTheSameBytes() throws IOException {
        String[] sweep = {
            "dynamics",
            "sweep",
            "--seed",
            "42",
            "--scheme",
            "euler",
            "--time",
            "60",
            "--change",
            "value diagonal 2 -{eps}",
            "--vary",
            "eps=0.012,0.015,0.025,0.03",
            "--out"
        };
        Path whole = folder.resolve("whole");
        assertThat(of(sweep, whole).code()).isZero();
        List<String> rows = Files.readAllLines(whole.resolve("sweep.csv"));
        assertThat(rows).hasSize(5);
        int at = List.of(rows.get(0).split(",")).indexOf("bifurcation");
        assertThat(Double.parseDouble(rows.get(1).split(",")[at])).isBetween(44.29, 44.51);
        Path stopped = Files.createDirectory(folder.resolve("stopped"));
        Files.copy(whole.resolve("run.json"), stopped.resolve("run.json"));
        Files.writeString(stopped.resolve("rows.part"), "{\"bifurcation\":7.0,\"run\":2}\n{\"bifur");
        assertThat(of(sweep, stopped).code()).isZero();
        List<String> resumed = Files.readAllLines(stopped.resolve("sweep.csv"));
        // The row that was there is believed, the broken one and the others are computed.
        assertThat(resumed.get(3)).contains("7.0");
        assertThat(resumed.get(1).split(",")[at]).isEqualTo(rows.get(1).split(",")[at]);
        assertThat(resumed).hasSize(5);
        assertThat(of(sweep, whole).code()).isEqualTo(2);
    }

    /** Tokens under V = v I in R^d grow like exp(v t): beyond v = 20 or so no number holds them at t = 40. */
    @Test
    void aRunThatFailsTakesNoOtherWithIt() throws IOException {
        Path out = folder.resolve("sweep");
        String[] sweep = {
            "dynamics", "sweep", "--space", "euclidean", "--tokens", "4", "--time", "40", "--value", "diagonal {v} {v}"
        };
        Outcome outcome = of(sweep, "--vary", "v=0.1,100,1", "--out", out);
        assertThat(outcome.code()).isZero();
        assertThat(outcome.err()).contains("1 of 3 runs failed", "run 1: ");
        List<String> rows = Files.readAllLines(out.resolve("sweep.csv"));
        assertThat(rows.get(0)).startsWith("run,v,clusters").endsWith(",failed");
        assertThat(rows.get(1)).startsWith("0,0.1,4.0").endsWith(",");
        assertThat(rows.get(2)).startsWith("1,100.0,,").contains("NaN");
        assertThat(rows.get(3)).startsWith("2,1.0,2.0").endsWith(",");
        Outcome none = of(sweep, "--vary", "v=100,200", "--out", folder.resolve("none"));
        assertThat(none.code()).isEqualTo(3);
        assertThat(none.err()).contains("all 2 runs failed").hasLineCount(1);
    }

    /** Both runs are one until the change begins, and what the changed one has gained it loses afterwards. */
    @Test
    void changesHaveTargetsSizesAndATime() throws IOException {
        Path out = folder.resolve("run");
        Outcome outcome = Outcome.of(
                "dynamics",
                "run",
                "--space",
                "sphere",
                "--start",
                "sphere",
                "--dimension",
                "3",
                "--value",
                "diagonal 1 0.9 0.8",
                "--scheme",
                "projected-euler",
                "--change",
                "query gaussian 1 1 norm 0.3 and value gaussian 1 1 aside frobenius 0.5 from 2 until 4",
                "--out",
                out);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        JsonNode numbers = Json.read(out.resolve("run.json")).path("numbers");
        assertThat(numbers.path("score_change").doubleValue()).isCloseTo(.3, within(1e-12));
        assertThat(numbers.path("value_change").doubleValue()).isCloseTo(.5, within(1e-12));
        List<double[]> rows = Files.readAllLines(out.resolve("metrics.csv")).stream()
                .skip(1)
                .map(line -> line.split(","))
                .map(cells -> new double[] {Double.parseDouble(cells[0]), Double.parseDouble(cells[cells.length - 1])})
                .toList();
        double at4 = 0;
        for (double[] row : rows) {
            if (row[0] <= 2) {
                assertThat(row[1]).as("distance at %s", row[0]).isZero();
            } else if (row[0] <= 4) {
                assertThat(row[1]).as("distance at %s", row[0]).isGreaterThan(at4);
                at4 = row[1];
            }
        }
        assertThat(rows.get(rows.size() - 1)[1]).isLessThan(at4 / 2);
    }

    @Test
    void boundsAreARunToo() throws IOException {
        Path out = folder.resolve("bounds");
        Outcome outcome = Outcome.of(
                "dynamics",
                "bounds",
                "--space",
                "euclidean",
                "--tokens",
                "6",
                "--start",
                "sphere",
                "--change",
                "value gaussian 1 1 norm 0.01",
                "--time",
                "1",
                "--rows",
                "8",
                "--out",
                out);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        List<String> rows = Files.readAllLines(out.resolve("bounds.csv"));
        assertThat(rows).hasSize(9);
        for (String row : rows.subList(1, 9)) {
            String[] cells = row.split(",");
            assertThat(Math.log(Double.parseDouble(cells[1])))
                    .isLessThan(Double.parseDouble(cells[2]))
                    .isLessThan(Double.parseDouble(cells[3]));
        }
        assertThat(Json.read(out.resolve("run.json")).path("calculations")).isNotEmpty();
        assertThat(Files.readString(out.resolve("report.html"))).contains("default-src 'none'", "bound from runs");
    }

    /** Two tokens on the circle without temperature: the cosine is tanh(t + artanh of the first), the first angle uniform. */
    @Test
    void phasesOfTwoTokensAreThoseOfTheClosedForm() throws IOException {
        String[] phases = {
            "dynamics",
            "phases",
            "--tokens",
            "2",
            "--betas",
            "0",
            "--starts",
            "400",
            "--times",
            "10",
            "--time",
            "5",
            "--step",
            "0.05",
            "--scheme",
            "rk4",
            "--out"
        };
        Path out = folder.resolve("phases");
        Outcome outcome = of(phases, out);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        List<String> rows = Files.readAllLines(out.resolve("phases.csv"));
        assertThat(rows).hasSize(11);
        double met = .5 * Math.log((1 + .999) / (1 - .999));
        for (String row : rows.subList(1, 11)) {
            double[] cells =
                    Stream.of(row.split(",")).mapToDouble(Double::parseDouble).toArray();
            double share = Math.acos(Math.tanh(met - cells[1])) / Math.PI;
            double error = Math.sqrt(share * (1 - share) / 400);
            assertThat(cells[2]).as("share at %s", cells[1]).isCloseTo(share, within(4 * error));
            assertThat(cells[3]).isCloseTo(Math.sqrt(cells[2] * (1 - cells[2]) / 400), within(1e-12));
            assertThat(cells[4]).isCloseTo(2 - cells[2], within(1e-12));
        }
        assertThat(Files.readString(out.resolve("report.html"))).contains("share of pairs");
        assertThat(of(phases, folder.resolve("no"), "--space", "euclidean").err())
                .contains("needs space sphere");
    }

    /** The published times of metastability; the energy of that flow only rises, that of its reverse falls at once. */
    @Test
    void clustersThatMergeAndLawsThatBreakAreEvents() throws IOException {
        Path kinetic = folder.resolve("kinetic");
        assertThat(Outcome.of("dynamics", "preset", "kinetic", "--out", kinetic).code())
                .isZero();
        List<String[]> events = events(kinetic);
        assertThat(events).filteredOn(event -> event[2].equals("merge")).last().satisfies(merge -> {
            assertThat(merge[3]).isEqualTo("2 to 1 clusters");
            assertThat(Double.parseDouble(merge[0])).isCloseTo(328.364, within(.01));
        });
        assertThat(events).noneMatch(event -> event[2].equals("energy"));
        Path reverse = folder.resolve("reverse");
        Outcome.of("dynamics", "preset", "kinetic", "--value", "-identity", "--time", "5", "--out", reverse);
        assertThat(events(reverse)).anyMatch(event -> event[2].equals("energy"));
        Path nested = folder.resolve("nested");
        of(PAIR, nested);
        assertThat(events(nested)).noneMatch(event -> event[2].equals("hull") && event[1].equals("base"));
        Path open = folder.resolve("open");
        Outcome.of("dynamics", "run", "--value", "diagonal 1 -0.5", "--time", "5", "--out", open);
        assertThat(events(open)).anyMatch(event -> event[2].equals("hull"));
    }

    /** Time, run, kind and detail of each. */
    private static List<String[]> events(Path run) throws IOException {
        return Files.readAllLines(run.resolve("events.csv")).stream()
                .skip(1)
                .map(line -> line.split(",", 4))
                .toList();
    }

    /** Tokens that flee from the one they attend to most change it without end: steps would be kept until memory is full. */
    @Test
    void adaptiveStepsThatNeverEndAreAnError() {
        String[] flight = {
            "dynamics",
            "run",
            "--space",
            "euclidean",
            "--rule",
            "hardmax",
            "--value",
            "-identity",
            "--time",
            "5",
            "--out"
        };
        Path out = folder.resolve("flight");
        Outcome outcome = of(flight, out);
        assertThat(outcome.code()).isEqualTo(6);
        assertThat(outcome.err()).contains("scheme of fixed steps").hasLineCount(1);
        assertThat(out).doesNotExist();
        assertThat(of(flight, out, "--scheme", "euler").code()).isZero();
    }

    @Test
    void mistakesAreOneLine() {
        Outcome matrix = Outcome.of("dynamics", "check", "--value", "1 0; 0");
        assertThat(matrix.code()).isEqualTo(2);
        assertThat(matrix.err().strip().lines()).hasSize(1);
        assertThat(Outcome.of("dynamics", "bounds").err()).contains("change");
        assertThat(Outcome.of("dynamics", "check", "--delta", "5", "--change", "value constant 0.1", "--space", "cube")
                        .err())
                .contains("rescaled, euclidean, sphere");
        assertThat(Outcome.of("dynamics", "preset", "no-such").code()).isEqualTo(2);
        assertThat(Outcome.of("dynamics", "run", "--out", "unused", "--start", "1 2; 3 NaN", "--tokens", "2")
                        .code())
                .isEqualTo(2);
    }

    @Test
    void presetsAreListedShownAndRun() {
        assertThat(Outcome.of("dynamics", "preset").out()).contains("bifurcation-28", "v-finetune");
        assertThat(Outcome.of("dynamics", "preset", "v-finetune").out()).contains("change: value diagonal 2 -0.1");
        Path out = folder.resolve("polytope");
        Outcome run = Outcome.of("dynamics", "preset", "polytope", "--variant", "paper", "--tokens", "6", "--out", out);
        assertThat(run.code()).isZero();
        assertThat(out.resolve("report.html")).exists();
    }

    @Test
    void theStaircaseHasAStairForEachMerge() throws IOException {
        Path out = folder.resolve("staircase");
        Outcome outcome =
                Outcome.of("dynamics", "staircase", "--beta", "500,2000", "--iterations", "60000", "--out", out);
        assertThat(outcome.code()).isZero();
        List<String> rows = Files.readAllLines(out.resolve("staircase.csv"));
        assertThat(rows.get(1)).startsWith("500.0,0,").endsWith(",5");
        assertThat(rows.stream()
                        .filter(row -> row.startsWith("500.0,"))
                        .toList()
                        .get(rows.size() / 2 - 2))
                .doesNotEndWith(",5");
        assertThat(Outcome.of("dynamics", "staircase", "--beta", "1", "--out", folder.resolve("none"))
                        .code())
                .isEqualTo(2);
        assertThat(folder.resolve("none")).doesNotExist();
    }

    @Test
    void aGaussianFieldEndsWhenTheClosedFormSaysAndIsTheLimitOfDraws() throws IOException {
        Path out = folder.resolve("gauss");
        Outcome outcome = Outcome.of(
                "dynamics",
                "gauss",
                "--covariance",
                "0.5",
                "--mean",
                "1",
                "--time",
                "2",
                "--tokens",
                "50",
                "--draws",
                "2",
                "--out",
                out);
        assertThat(outcome.code()).isZero();
        assertThat(Json.readObject(out.resolve("run.json")).number("end")).isCloseTo(1, within(1e-7));
        List<String> rows = Files.readAllLines(out.resolve("gauss.csv"));
        for (String row : rows.subList(1, rows.size())) {
            String[] cells = row.split(",", -1);
            boolean spread = cells[1].equals("covariance 1 1");
            assertThat(cells[3].isEmpty()).isNotEqualTo(spread);
            if (spread) {
                assertThat(Double.parseDouble(cells[2]))
                        .isCloseTo(Double.parseDouble(cells[3]), withinPercentage(1e-7));
            }
        }
        // A contracting field has no tails that draws miss: what differs is chance alone.
        Path plane = folder.resolve("plane");
        Outcome contracting = Outcome.of(
                "dynamics",
                "gauss",
                "--dimension",
                "2",
                "--mean",
                "1 0",
                "--score=-identity",
                "--value",
                "1 0.5; -0.5 1",
                "--tokens",
                "400",
                "--draws",
                "6",
                "--out",
                plane);
        assertThat(contracting.code()).isZero();
        assertThat(Json.readObject(plane.resolve("run.json")).number("deviation"))
                .isLessThan(5);
        assertThat(Outcome.of("dynamics", "gauss", "--covariance", "zero", "--out", folder.resolve("none"))
                        .code())
                .isEqualTo(2);
        assertThat(folder.resolve("none")).doesNotExist();
    }
}
