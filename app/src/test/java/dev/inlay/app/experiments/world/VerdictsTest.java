package dev.inlay.app.experiments.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.app.experiments.world.Verdicts.Verdict;
import dev.inlay.training.data.DataSource;
import dev.inlay.training.data.RowReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerdictsTest {
    /** One of the verdict's sentences of a rating is as likely as another. */
    private static final int SENTENCES = 4;

    @TempDir
    Path folder;

    /**
     * Bayes' rule backwards: what the predictor needs for the rest of a review must be what it does not know of the
     * rating, and which sentence says it, once it is certain that no opinion follows.
     */
    @Test
    void chancesAreThoseThatTheGrammarItselfGivesToTheVerdict() {
        Grammar grammar = Grammar.of(Split.TEST);
        Node root = grammar.root(List.of(Register.REVIEW));
        Verdicts verdicts = new Verdicts(Split.TEST, 1);
        Corpus corpus = new Corpus(Split.TEST, List.of(Register.REVIEW), 1, OptionalLong.empty());
        int tried = 0;
        for (int row = 0; row < 60; row++) {
            Verdict verdict = verdicts.first(row + 1).get(row);
            if (verdict.review().split("\\. ", -1).length == 5) { // a purchase and the most opinions there are
                List<Double> nats = new Predictor(grammar, Optional.empty())
                        .predict(root, corpus.document(row).text())
                        .nats();
                double rest = nats.subList(verdict.review().length(), nats.size()).stream()
                        .mapToDouble(Double::doubleValue)
                        .sum();
                double chance = verdicts.chances(verdict).getOrDefault(verdict.answer(), 0.0);
                assertThat(Math.exp(-rest)).as(verdict.review()).isCloseTo(chance / SENTENCES, within(1e-12));
                tried++;
            }
        }
        assertThat(tried).isGreaterThan(3);
    }

    /** If chances are what they claim to be, events of chance p happen in a share p of the cases. */
    @Test
    void likelyAnswersAreRightAsOftenAsTheySay() {
        Verdicts verdicts = new Verdicts(Split.VALID, 2);
        int count = 300;
        double expected = 0;
        double variance = 0;
        int right = 0;
        for (Verdict each : verdicts.first(count)) {
            double most = verdicts.chances(each).values().stream()
                    .mapToDouble(Double::doubleValue)
                    .max()
                    .orElseThrow();
            expected += most;
            variance += most * (1 - most);
            right += verdicts.chances(each).getOrDefault(each.answer(), 0.0) == most ? 1 : 0;
        }
        assertThat((double) right).isCloseTo(expected, within(4 * Math.sqrt(variance)));
        assertThat(expected / count).isBetween(0.4, 0.9);
    }

    @Test
    void reviewsKeepTheirOpinionsAndLoseTheirVerdict() {
        for (Verdict each : new Verdicts(Split.TRAIN, 3).first(50)) {
            assertThat(each.review()).endsWith(".").doesNotContain("All in all", "buy it again", "worth the money");
            assertThat(each.answer()).matches("It was (terrible|poor|ordinary|good|wonderful)\\.");
        }
    }

    @Test
    void filesAreRowsOfMessagesAndTheSameSeedGivesTheSameBytes() throws Exception {
        Path one = folder.resolve("one");
        Path other = folder.resolve("other");
        Verdicts.write(one, 30, 10, 4);
        Verdicts.write(other, 30, 10, 4);
        for (String name : List.of("train.jsonl", "valid.jsonl", "test.jsonl")) {
            assertThat(Files.readString(one.resolve(name))).isEqualTo(Files.readString(other.resolve(name)));
        }
        DataSource read = DataSource.read(one, new RowReader());
        assertThat(read.train().size()).isEqualTo(30);
        assertThat(read.validation().orElseThrow().size()).isEqualTo(10);
        Verdict first = new Verdicts(Split.TRAIN, 4).first(1).get(0);
        assertThat(read.train().rows().get(0).texts()).containsExactly(first.review(), first.answer());
    }
}
