package dev.inlay.app.experiments.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CorpusTest {
    private static final int ROWS = 2000;

    @Test
    void rowIsAFunctionOfSeedAndNumber() {
        Corpus corpus = corpus(Split.TRAIN, Register.WORLD);
        Document late = corpus.document(1234);
        corpus.document(5);
        assertThat(corpus.document(1234)).isEqualTo(late);
        assertThat(corpus.document(1235)).isNotEqualTo(late);
        assertThat(new Corpus(Split.TRAIN, Register.WORLD, 1, OptionalLong.empty()).document(1234))
                .isNotEqualTo(late);
    }

    /** Every fact of a world is the same in all its texts. */
    @Test
    void textsOfOneWorldNeverContradictEachOther() {
        Corpus corpus = new Corpus(Split.TRAIN, List.of(Register.values()), 0, OptionalLong.of(7));
        TreeMap<String, String> known = new TreeMap<>();
        int repeated = 0;
        for (Document document : documents(corpus)) {
            for (String fact : document.labels().getOrDefault(Document.FACTS, List.of())) {
                int cut = fact.lastIndexOf('|');
                String before = known.put(fact.substring(0, cut), fact.substring(cut));
                assertThat(before == null ? fact.substring(cut) : before)
                        .as(fact)
                        .isEqualTo(fact.substring(cut));
                repeated += before == null ? 0 : 1;
            }
        }
        assertThat(repeated).isGreaterThan(500);
    }

    @Test
    void noTwoSplitsShareAWorldOrAText() {
        Set<World> worlds = new HashSet<>();
        Set<String> stories = new HashSet<>();
        for (Split split : Split.values()) {
            for (Document document : documents(corpus(split, List.of(Register.STORY)))) {
                assertThat(worlds.add(document.world())).isTrue();
                assertThat(stories.add(document.text())).as(document.text()).isTrue();
            }
        }
    }

    @Test
    void unseenNamesOccurNowhereElse() {
        Set<String> seen = names(Split.TRAIN);
        assertThat(names(Split.VALID)).isSubsetOf(seen);
        assertThat(names(Split.UNSEEN_COMBINATIONS)).isSubsetOf(seen);
        assertThat(names(Split.UNSEEN_NAMES)).isNotEmpty().doesNotContainAnyElementsOf(seen);
    }

    @Test
    void unseenCombinationsOccurNowhereElse() {
        Set<String> seen = combinations(Split.TRAIN);
        assertThat(combinations(Split.VALID)).isSubsetOf(seen);
        assertThat(combinations(Split.UNSEEN_COMBINATIONS)).hasSize(16).doesNotContainAnyElementsOf(seen);
    }

    /** Each keepsake and each trade of the new combinations is known from training. */
    @Test
    void partsOfUnseenThingsAreSeen() {
        for (int part = 0; part < 2; part++) {
            int index = part;
            Set<String> seen = new HashSet<>();
            combinations(Split.TRAIN).forEach(pair -> seen.add(pair.split("\\+", -1)[index]));
            combinations(Split.UNSEEN_COMBINATIONS)
                    .forEach(pair -> assertThat(seen).contains(pair.split("\\+", -1)[index]));
        }
    }

    /** What the labels call a topic, the words of the text show; topics are two levels of four times two. */
    @Test
    void topicSharesAddUpToOneAndCoverAllTopics() {
        Set<String> topics = new HashSet<>();
        for (Document document : documents(corpus(Split.TRAIN, List.of(Register.STORY)))) {
            assertThat(document.topics().values().stream()
                            .mapToDouble(share -> share)
                            .sum())
                    .isCloseTo(1, within(1e-12));
            topics.addAll(document.topics().keySet());
        }
        assertThat(topics).hasSize(8);
        Table table = Grammar.of(Split.TRAIN).tables().get("topic");
        assertThat(table.entries().stream().map(topic -> topic.cell("area")).distinct())
                .hasSize(4);
    }

    /** The exact floor of a mixture is the mixture of floors plus the choice of the register. */
    @Test
    void mixtureCostsTheChoiceOfTheRegister() {
        Corpus mixed = corpus(Split.TRAIN, Register.WORLD);
        Grammar grammar = Grammar.of(Split.TRAIN);
        Node root = grammar.root(Register.WORLD);
        for (int row = 0; row < 20; row++) {
            Document document = mixed.document(row);
            assertThat(mixed.costOf(document.register())).isPositive();
            assertThat(corpus(Split.TRAIN, List.of(document.register())).costOf(document.register()))
                    .isZero();
            double alone = new Predictor(grammar, Optional.empty())
                    .predict(grammar.root(List.of(document.register())), document.text())
                    .total();
            double mixture = new Predictor(grammar, Optional.empty())
                    .predict(root, document.text())
                    .total();
            assertThat(document.floor()).isCloseTo(mixture, within(1e-9));
            assertThat(mixture).isCloseTo(alone + mixed.costOf(document.register()), within(1e-9));
        }
    }

    /** Flags of the hidden keys are balanced, and each key of a computed one is as likely as any other. */
    @ParameterizedTest
    @EnumSource(names = {"KEY_READ", "KEY_COMPUTED", "KEY_HIDDEN"})
    void flagsAreBalanced(Register register) {
        List<Document> documents = documents(corpus(Split.TRAIN, List.of(register)));
        long failing = documents.stream()
                .filter(document -> document.label("flag").equals("FAIL"))
                .count();
        double deviation = Math.sqrt(ROWS * 0.25);
        assertThat((double) failing).isCloseTo(ROWS / 2.0, within(4 * deviation));
        documents.forEach(document -> assertThat(
                        document.messages().get(document.messages().size() - 1).content())
                .endsWith("\nFLAG: " + document.label("flag")));
    }

    /** No single word of the fields tells the computed key: given any of them, all keys are equally likely. */
    @Test
    void noFieldAloneTellsTheComputedKey() {
        Table cipher = Grammar.of(Split.TRAIN).tables().get("cipher");
        for (List<String> columns :
                List.of(List.of("lamp", "sign"), List.of("sign", "door"), List.of("lamp", "door"))) {
            TreeMap<String, Set<String>> seals = new TreeMap<>();
            for (Entry row : cipher.entries()) {
                seals.computeIfAbsent(row.cell(columns.get(0)) + row.cell(columns.get(1)), pair -> new HashSet<>())
                        .add(row.cell("seal"));
            }
            assertThat(seals.values()).allSatisfy(each -> assertThat(each).hasSize(4));
        }
    }

    /** A chat's tokens do not say that it has ended, so an end that is not certain would be missing from a model's loss. */
    @ParameterizedTest
    @EnumSource(names = {"INSTRUCTION", "CHAT", "SHOP", "KEY_READ", "KEY_COMPUTED", "KEY_HIDDEN"})
    void allChatsOfARegisterHaveAsManyTurns(Register register) {
        assertThat(documents(corpus(Split.TRAIN, List.of(register))))
                .extracting(document -> document.messages().size())
                .containsOnly(register == Register.INSTRUCTION ? 2 : register == Register.KEY_HIDDEN ? 9 : 7);
    }

    private static Set<String> names(Split split) {
        Set<String> names = new HashSet<>();
        Grammar grammar = Grammar.of(split);
        for (String table : List.of("person", "place")) {
            grammar.tables().get(table).entries().forEach(entry -> names.add(entry.key()));
        }
        return names;
    }

    private static Set<String> combinations(Split split) {
        Set<String> pairs = new HashSet<>();
        for (Document document : documents(corpus(split, List.of(Register.STORY)))) {
            List<String> facts = document.labels().getOrDefault(Document.FACTS, List.of());
            String trade = object(facts, " | trade | ");
            pairs.add(trade + "+" + object(facts, " | keepsake | "));
        }
        return pairs;
    }

    private static String object(List<String> facts, String relation) {
        return facts.stream()
                .filter(fact -> fact.contains(relation))
                .map(fact -> fact.substring(fact.indexOf(relation) + relation.length()))
                .findFirst()
                .orElseThrow();
    }

    private static Corpus corpus(Split split, List<Register> registers) {
        return new Corpus(split, registers, 0, OptionalLong.empty());
    }

    private static List<Document> documents(Corpus corpus) {
        List<Document> documents = new ArrayList<>();
        for (int row = 0; row < ROWS; row++) {
            documents.add(corpus.document(row));
        }
        return documents;
    }
}
