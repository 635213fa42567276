package dev.inlay.app.experiments.dynamics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.dynamics.Finding;
import dev.inlay.dynamics.Finding.Verdict;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the statements of the theory claim about a setting, and what they must not. */
class StatementsTest {
    private static final Map<String, Map<String, String>> STARTS = Map.of(
            "sphere", Map.of("space", "sphere", "dimension", "3", "start", "sphere", "time", "80"),
            "orthogonal", Map.of("space", "sphere", "dimension", "20", "start", "orthogonal"),
            "circle", Map.of("space", "sphere", "time", "80"),
            "line", Map.of("dimension", "1"),
            "rescaled", Map.of(),
            "wide", Map.of("tokens", "50", "time", "40", "start", "uniform -5 5"),
            "euclidean", Map.of("space", "euclidean", "value", "-identity", "time", "120", "tokens", "6"));

    private static List<Finding> findings(String start, String... more) {
        Map<String, String> texts = new HashMap<>(STARTS.get(start));
        for (int k = 0; k < more.length; k += 2) {
            texts.put(more[k], more[k + 1]);
        }
        if ("hardmax".equals(texts.get("rule"))) {
            // Its drift jumps, which no scheme that chooses its steps gets past.
            texts.put("scheme", "euler");
        }
        return Outcome.of(Setting.of(texts)).findings().get("base");
    }

    private static Finding named(List<Finding> findings, String name) {
        return findings.stream()
                .filter(each -> each.statement().startsWith(name + ":"))
                .findFirst()
                .orElseThrow();
    }

    /** Each statement holds for what it is about, so that the hypotheses below are what makes the difference. */
    @ParameterizedTest
    @CsvSource({
        "sphere, beta, 1, T9",
        "sphere, rule, kernel, T9",
        "sphere, rule, kernel 1, T9",
        "sphere, causal, true, T11",
        "orthogonal, beta, 2, T10",
        "orthogonal, rule, kernel, T10",
        "orthogonal, rule, kernel 1, T10",
        "orthogonal, rule, sinkhorn 1, T10",
        "orthogonal, rule, sinkhorn 3, T10",
        "line, beta, 1, T1",
        "rescaled, beta, -1, T2",
        "rescaled, rule, hardmax, T2",
        "rescaled, causal, true, T2",
        "rescaled, scheme, euler, T2",
        "rescaled, beta, 2, T3",
        "wide, value, diagonal 1 0.5, T4",
        "wide, value, diagonal 1 0.5, T5",
        "euclidean, beta, 1, T7",
        "euclidean, rule, sinkhorn 1, T7"
    })
    void holdsWhereItSpeaks(String start, String name, String text, String statement) {
        Finding finding = named(findings(start, name, text), statement);
        assertThat(finding.verdict()).as(finding.toString()).isEqualTo(Verdict.HOLDS);
    }

    @ParameterizedTest
    @CsvSource({
        "sphere, rule, hardmax, T9",
        "sphere, rule, sinkhorn 3, T9",
        "sphere, rule, kernel 5, T9",
        "sphere, beta, 3, T9",
        "sphere, scheme, euler-step, T9",
        "circle, start, opposite, T9",
        "circle, start, triangle, T9",
        "circle, start, triangle, T10",
        "orthogonal, scheme, euler, T10",
        "orthogonal, scheme, rk4, T10",
        "line, beta, -1, T1",
        "line, time, 1, T1",
        "line, causal, true, T1",
        "rescaled, scheme, rk4-step, T2",
        "rescaled, rule, sinkhorn 2, T2",
        "rescaled, beta, -1, T3",
        "rescaled, rule, hardmax, T3",
        "rescaled, causal, true, T3",
        "wide, value, diagonal 1 0.99, T4",
        "wide, value, diagonal 1 0.99, T5",
        "wide, value, negative, T4",
        "wide, value, negative, T5",
        "euclidean, rule, hardmax, T7",
        "euclidean, causal, true, T7",
        "euclidean, beta, -1, T7",
        "euclidean, time, 20, T7"
    })
    void claimsNothingElsewhere(String start, String name, String text, String statement) {
        List<Finding> findings = switch (text) {
            case "euler-step" -> findings(start, "scheme", "projected-euler", "step", "8");
            case "rk4-step" -> findings(start, "scheme", "rk4", "step", "5");
            case "opposite" -> findings(start, "tokens", "2", "start", "1 0; -1 0");
            case "triangle" ->
                findings(start, "tokens", "3", "start", "1 0; -0.5 0.8660254037844386; -0.5 -0.8660254037844386");
            case "sinkhorn 2" -> findings(start, "rule", text, "time", "1");
            case "negative" -> findings(start, "value", "diagonal 1 0.5", "beta", "-1");
            default -> findings(start, name, text);
        };
        Finding finding = named(findings, statement);
        assertThat(finding.verdict()).as(finding.toString()).isEqualTo(Verdict.NOT_APPLICABLE);
        assertThat(findings)
                .allSatisfy(
                        each -> assertThat(each.verdict()).as(each.toString()).isNotEqualTo(Verdict.VIOLATED));
    }

    /** z = e^(-tV) x does not go to 0 where x does. */
    @Test
    void theCollapseIsThatOfTokensInSpace() {
        assertThat(findings("rescaled", "value", "-identity", "time", "200"))
                .noneMatch(each -> each.statement().startsWith("T7"));
    }

    @Test
    void aValueWithoutBasisOfEigenvectorsHasItsRanges() {
        List<Finding> findings = findings("rescaled", "value", "1 1; 0 1");
        assertThat(findings).hasSize(2).noneMatch(each -> each.verdict() == Verdict.VIOLATED);
    }

    @Test
    void oneTokenIsNoEquiangularStart() {
        assertThat(findings("sphere", "tokens", "1")).hasSize(1);
    }
}
