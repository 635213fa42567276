package dev.inlay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class ResultsTest {
    private final Results results = new Results();

    @Test
    void ratiosAreTakenWithinRoundsNotOfMedians() throws Exception {
        add(1, Side.OURS, 10);
        add(1, Side.THEIRS, 5);
        add(2, Side.OURS, 40);
        add(2, Side.THEIRS, 10);
        add(3, Side.OURS, 12);
        add(3, Side.THEIRS, 4);
        assertThat(results.ratios("job", "tokens_per_s")).contains(Sample.of(2, 3, 4));
    }

    @Test
    void aRoundThatOneSideFailedHasNoRatio() throws Exception {
        add(1, Side.OURS, 10);
        add(2, Side.OURS, 40);
        add(2, Side.THEIRS, 10);
        assertThat(results.ratios("job", "tokens_per_s")).contains(Sample.of(4));
        assertThat(results.sample("job", Side.OURS, "tokens_per_s")).contains(Sample.of(10, 40));
    }

    @Test
    void whatNobodyMeasuredIsEmpty() {
        assertThat(results.ratios("job", "tokens_per_s")).isEmpty();
        assertThat(results.sample("job", Side.OURS, "tokens_per_s")).isEmpty();
    }

    @Test
    void everyNumberOfAReportIsALineOfTheRawNumbersAndNothingElseIs() throws Exception {
        results.add(2, "job", Side.MACHINE, json("{\"a\": 1.5, \"b\": \"text\", \"c\": [1], \"d\": 3}"));
        assertThat(results.csv())
                .isEqualTo("round,job,side,quantity,value\n2,job,machine,a,1.5\n2,job,machine,d,3.0\n");
    }

    private void add(int round, Side side, double rate) throws Exception {
        results.add(round, "job", side, json("{\"tokens_per_s\": " + rate + "}"));
    }

    private static JsonNode json(String text) throws Exception {
        return new ObjectMapper().readTree(text);
    }
}
