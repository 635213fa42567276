package dev.inlay.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** All numbers of a comparison, one by one, and the questions that its tables ask. */
final class Results {
    /**
     * One number.
     *
     * @param round from 1; both sides of a pair have the same
     * @param job name of the case
     * @param quantity name of the field that the job printed
     */
    record Measurement(int round, String job, Side side, String quantity, double value) {}

    private final List<Measurement> measurements = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    /** Takes every number of a job's report. */
    void add(int round, String job, Side side, JsonNode report) {
        report.properties().forEach(field -> {
            if (field.getValue().isNumber()) {
                add(new Measurement(
                        round, job, side, field.getKey(), field.getValue().asDouble()));
            }
        });
    }

    void add(Measurement measurement) {
        measurements.add(measurement);
    }

    void addFailure(String line) {
        failures.add(line);
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    /** All rounds of one quantity; empty if no round has it. */
    Optional<Sample> sample(String job, Side side, String quantity) {
        return sample(byRound(job, side, quantity).values());
    }

    /** Ours over theirs, of the rounds in which both did the job. */
    Optional<Sample> ratios(String job, String quantity) {
        Map<Integer, Double> ours = byRound(job, Side.OURS, quantity);
        Map<Integer, Double> theirs = byRound(job, Side.THEIRS, quantity);
        List<Double> ratios = new ArrayList<>();
        ours.forEach((round, value) -> {
            Double other = theirs.get(round);
            if (other != null) {
                ratios.add(value / other);
            }
        });
        return sample(ratios);
    }

    private static Optional<Sample> sample(Collection<Double> values) {
        return values.isEmpty() ? Optional.empty() : Optional.of(new Sample(List.copyOf(values)));
    }

    private Map<Integer, Double> byRound(String job, Side side, String quantity) {
        Map<Integer, Double> values = new TreeMap<>();
        for (Measurement m : measurements) {
            if (m.job().equals(job) && m.side() == side && m.quantity().equals(quantity)) {
                values.put(m.round(), m.value());
            }
        }
        return values;
    }

    /** The raw numbers: {@code round,job,side,quantity,value}, one line each, full precision. */
    String csv() {
        StringBuilder csv = new StringBuilder("round,job,side,quantity,value\n");
        for (Measurement m : measurements) {
            csv.append(m.round()).append(',').append(m.job()).append(',').append(m.side());
            csv.append(',').append(m.quantity()).append(',').append(m.value()).append('\n');
        }
        return csv.toString();
    }
}
