package dev.inlay.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.adapter.gate.FixedGate;
import dev.inlay.adapter.gate.OnMissing;
import dev.inlay.adapter.gate.Trigger;
import dev.inlay.adapter.gate.TriggerGate;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Pass;
import dev.inlay.model.Reading;
import dev.inlay.model.Rows;
import dev.inlay.model.Segments;
import dev.inlay.model.Site;
import dev.inlay.model.generation.AfterSegment;
import dev.inlay.model.generation.Certificate;
import dev.inlay.model.generation.GenerationListener;
import dev.inlay.model.generation.GenerationOptions;
import dev.inlay.model.generation.GenerationReport;
import dev.inlay.model.generation.Generator;
import dev.inlay.model.generation.KeptRow;
import dev.inlay.model.generation.Listening;
import dev.inlay.model.generation.Prompt;
import dev.inlay.model.generation.Sampling;
import dev.inlay.model.generation.Session;
import dev.inlay.model.generation.SessionReport;
import dev.inlay.model.generation.Stops;
import dev.inlay.model.generation.Voice;
import dev.inlay.testing.Golden;
import dev.inlay.testing.RandomAdapter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sessions against whole rows computed at once, in float64 on a small Llama. */
class SessionTest {
    private static final double ROUNDING = 1e-11;
    private static final int[] CONTEXT = {5, 6, 7, 8, 9, 10, 11, 12};
    private static final int[] TRIGGER = {30, 31};
    private static final Gate GATE = TriggerGate.of(Trigger.of(List.of(30, 31)));

    private Scope scope;
    private Decoder decoder;
    private Adapter first;
    private Adapter second;

    @BeforeEach
    void open() {
        scope = Scope.open();
        decoder = ModelDirectory.open(Golden.path("llama-gqa-untied/model")).load(DType.FLOAT64, Device.CPU);
        first = RandomAdapter.of(decoder, 1).with(GATE);
        second = RandomAdapter.of(decoder, 2).with(GATE);
    }

    @AfterEach
    void close() {
        decoder.close();
        scope.close();
    }

    private Voice voice(Adapter adapter) {
        return Parts.of(adapter).voice(decoder, UnaryOperator.identity());
    }

    private Session session(int... ids) {
        Session session = Session.of(Generator.ofTokens(decoder, List.of()), "golden");
        session.append(ids);
        return session;
    }

    private static int[] joined(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
    }

    private static GenerationOptions greedy(int tokens) {
        return GenerationOptions.of(Sampling.greedy(), Stops.none(), tokens).withThreads(1);
    }

    private static int[] generated(Session session, int tokens) {
        return ids(session.generate(greedy(tokens), GenerationListener.NONE), 0);
    }

    private static int[] ids(GenerationReport report, int row) {
        return report.rows().get(row).tokens().stream().mapToInt(id -> id).toArray();
    }

    /** What a whole prompt goes on with. */
    private int[] whole(List<? extends Intervention> interventions, int tokens, int... prompt) {
        return ids(
                Generator.ofTokens(decoder, interventions)
                        .generate(List.of(prompt), greedy(tokens), GenerationListener.NONE),
                0);
    }

    /** Log-probabilities of a continuation, from a pass over the whole row; its gates are those of the row's beginning. */
    private double[] expected(List<? extends Intervention> interventions, int[] ids, int... continuation) {
        int[] row = joined(ids, continuation);
        Pass pass = Pass.over(Rows.reading(List.of(new Reading(row, ids.length, null))), interventions);
        double[] logits = decoder.logits(decoder.hidden(pass), pass).toDoubles();
        int vocabulary = decoder.config().vocabulary();
        double[] scores = new double[continuation.length];
        for (int i = 0; i < scores.length; i++) {
            double[] own = Arrays.copyOfRange(logits, (ids.length - 1 + i) * vocabulary, (ids.length + i) * vocabulary);
            double sum = Math.log(Arrays.stream(own).map(Math::exp).sum());
            scores[i] = own[continuation[i]] - sum;
        }
        return scores;
    }

    private static void assertClose(double[] actual, double[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(Math.abs(actual[i] - expected[i])).isLessThan(ROUNDING);
        }
    }

    /** The session's state shows in what it foretells. */
    private void assertIs(Session session, List<? extends Intervention> interventions, int... ids) {
        assertThat(session.ids()).isEqualTo(ids);
        int[] continuation = {14, 3, 40};
        assertClose(session.score(List.of(continuation)).get(0), expected(interventions, ids, continuation));
    }

    @Test
    void fact21_appendingInAnyPiecesIsReadingTheWholeRow() {
        int[] row = joined(CONTEXT, TRIGGER, new int[] {13, 14});
        for (int cut = 1; cut < row.length; cut++) {
            try (Session session = session(Arrays.copyOf(row, cut))) {
                session.enter(voice(first.with(((TriggerGate) GATE).with(OnMissing.BASE))));
                assertThat(session.report().rows()).isEqualTo(cut);
                session.append(Arrays.copyOfRange(row, cut, row.length));
                assertIs(session, List.of(first), row);
                // Only half a trigger is read as the base's before the other half shows what it was.
                assertThat(session.report().recomputed()).isEqualTo(cut == CONTEXT.length + 1 ? 1 : 0);
            }
        }
    }

    @Test
    void fact21_decodingIsReadingWhatWasDecoded() {
        int[] row = joined(CONTEXT, TRIGGER);
        try (Session session = session(CONTEXT);
                Session fork = session.fork(List.of(voice(first)))) {
            fork.append(TRIGGER);
            int[] grown = generated(fork, 6);
            assertThat(grown).isEqualTo(whole(List.of(first), 6, row));
            assertIs(fork, List.of(first), joined(row, grown));
        }
    }

    @Test
    void fact23_forksShareAndLeaveTheirParentAsItIs() {
        try (Session parent = session(CONTEXT)) {
            Certificate before = parent.certify(CONTEXT.length);
            Session one = parent.fork(List.of(voice(first)));
            Session two = parent.fork(List.of(voice(second)));
            one.append(TRIGGER);
            two.append(joined(new int[] {20}, TRIGGER));
            parent.append(15, 16);
            GenerationReport report =
                    Session.generate(List.of(one, two), Listening.TO_GIVEN, greedy(5), GenerationListener.NONE);
            assertThat(ids(report, 0)).isEqualTo(whole(List.of(first), 5, joined(CONTEXT, TRIGGER)));
            assertThat(ids(report, 1)).isEqualTo(whole(List.of(second), 5, joined(CONTEXT, new int[] {20}, TRIGGER)));
            parent.requireUnchanged(before);
            assertIs(parent, List.of(), joined(CONTEXT, new int[] {15, 16}));
            // A fork of a fork, and forks that outlive the one between.
            Session third = one.fork(List.of(voice(second)));
            one.close();
            assertIs(third, List.of(first, second), third.ids());
            third.close();
            two.close();
        }
    }

    @Test
    void whatForksShareLiesInMemoryOnce() {
        int[] context = IntStream.range(0, 64).map(i -> 3 + i % 25).toArray();
        try (Session parent = session(context);
                Session one = parent.fork(List.of());
                Session two = parent.fork(List.of())) {
            long shared = 64L
                    * 2
                    * decoder.config().layers()
                    * 8
                    * decoder.config().attention().keyValueWidth();
            assertThat(Session.byteCount(List.of(parent, one, two))).isEqualTo(shared);
            one.append(TRIGGER);
            one.report();
            assertThat(Session.byteCount(List.of(parent, one, two))).isEqualTo(2 * shared);
        }
    }

    @Test
    void aForkOutlivesItsParent() {
        Session parent = session(CONTEXT);
        try (Session fork = parent.fork(List.of())) {
            parent.close();
            assertIs(fork, List.of(), CONTEXT);
        }
    }

    @Test
    void fact23_backAtTheBaseAsIfNobodyHadBeenThere() {
        int[] base = whole(List.of(), 6, CONTEXT);
        try (Session session = session(CONTEXT)) {
            List<String> keys = session.keys();
            session.enter(voice(first));
            session.append(TRIGGER);
            generated(session, 3);
            assertThat(session.report().isTainted()).isTrue();
            assertThat(session.report().untainted()).isEqualTo(CONTEXT.length);
            session.rollbackToUntainted();
            assertThat(session.keys()).isEqualTo(keys);
            assertThat(generated(session, 6)).isEqualTo(base);
        }
    }

    private Session afterTrigger() {
        Session session = session(CONTEXT);
        session.enter(voice(first));
        session.append(joined(TRIGGER, new int[] {13}));
        return session;
    }

    @Test
    void fact23_policiesOfAReturn() {
        int[] ids = joined(CONTEXT, TRIGGER, new int[] {13});
        int[] longer = joined(ids, new int[] {14, 15});
        try (Session bare = session(longer);
                Session kept = afterTrigger();
                Session recomputed = afterTrigger();
                Session dropped = afterTrigger()) {
            kept.returnToBase(AfterSegment.KEEP_TAINTED);
            kept.append(14, 15);
            assertThat(kept.report().isTainted()).isTrue();
            assertThat(kept.keys()).isNotEqualTo(bare.keys());
            assertThat(kept.report().recomputed()).isZero();
            Segments there =
                    new Segments(List.of(new Segments.Run(CONTEXT.length, 1), new Segments.Run(CONTEXT.length + 3, 0)));
            assertIs(kept, List.of(first.with(new FixedGate(there))), longer);
            // A trigger that comes later does not move the gate over what is kept.
            kept.append(TRIGGER);
            assertIs(kept, List.of(first.with(new FixedGate(there))), joined(longer, TRIGGER));
            recomputed.returnToBase(AfterSegment.RECOMPUTE);
            recomputed.append(14, 15);
            assertThat(recomputed.report().isTainted()).isFalse();
            assertThat(recomputed.keys()).isEqualTo(bare.keys());
            assertThat(recomputed.report().recomputed()).isEqualTo(3);
            assertIs(recomputed, List.of(), longer);
            dropped.returnToBase(AfterSegment.DROP);
            dropped.append(14, 15);
            assertIs(dropped, List.of(), joined(CONTEXT, new int[] {14, 15}));
        }
    }

    @Test
    void strengthChangesFromTheNextTokenOn() {
        Voice voice = voice(first.with(Gate.OPEN)).from(2);
        try (Session session = session(5, 6)) {
            session.enter(voice);
            session.append(7, 8);
            session.strength(voice, 0);
            session.append(9);
            session.strength(voice, 0.5);
            session.append(10, 11);
            assertIs(
                    session,
                    List.of(first.with(new FixedGate(Segments.of(0, 0, 1, 1, 0, 0.5)))),
                    5,
                    6,
                    7,
                    8,
                    9,
                    10,
                    11);
            assertThat(session.report().recomputed()).isZero();
            session.rollback(4);
            session.append(12, 13);
            assertIs(session, List.of(first.with(new FixedGate(Segments.of(0, 0, 1, 1, 0)))), 5, 6, 7, 8, 12, 13);
            assertThatThrownBy(() -> session.strength(voice(second), 1))
                    .isInstanceOf(InlayException.class)
                    .hasMessageContaining("no voice");
        }
    }

    /** The trigger is what the bare model writes anyway. */
    @Test
    void fact22_aTriggerThatTheModelWritesOpensAsIfItHadBeenGiven() {
        int[] base = whole(List.of(), 4, CONTEXT);
        TriggerGate gate = TriggerGate.of(Trigger.of(List.of(base[1], base[2]))).with(OnMissing.BASE);
        int[] given = joined(CONTEXT, Arrays.copyOf(base, 3));
        int[] expected = joined(Arrays.copyOf(base, 3), whole(List.of(first.with(gate)), 4, given));
        try (Session session = session(CONTEXT);
                Session deaf = session.fork(List.of(voice(first.with(gate))))) {
            session.enter(voice(first.with(gate)));
            GenerationReport report =
                    Session.generate(List.of(session), Listening.TO_ALL, greedy(7), GenerationListener.NONE);
            assertThat(ids(report, 0)).isEqualTo(expected);
            assertThat(session.report().untainted()).isEqualTo(CONTEXT.length + 1);
            assertIs(session, List.of(first.with(gate)), joined(CONTEXT, expected));
            assertThat(generated(deaf, 7))
                    .isEqualTo(whole(List.of(), 7, CONTEXT))
                    .isNotEqualTo(expected);
        }
    }

    @Test
    void fact24_contentDecidesWhatIsSharedAndNamesDoNot() {
        int[] ids = joined(CONTEXT, TRIGGER, new int[] {13});
        Adapter copy = first.mapTensors(Tensor::copy);
        try (Session session = session(CONTEXT)) {
            session.enter(voice(first));
            session.append(joined(TRIGGER, new int[] {13}));
            try (Session same = session.fork(ids, List.of(voice(copy)));
                    Session other = session.fork(ids, List.of(voice(second)));
                    Session weaker = session.fork(ids, List.of(voice(first.times(0.5))))) {
                assertThat(same.report().reused()).isEqualTo(ids.length);
                assertThat(same.report().fresh()).isZero();
                assertThat(other.report().reused()).isEqualTo(CONTEXT.length);
                assertThat(other.report().fresh()).isEqualTo(3);
                assertThat(weaker.report().reused()).isEqualTo(CONTEXT.length);
                assertIs(other, List.of(second), ids);
                assertIs(same, List.of(first), ids);
                assertThat(same.keys()).isEqualTo(session.keys());
            }
        }
    }

    @Test
    void fact25_rowsOfFiveJudgesOnOneContext() {
        int[] context = IntStream.range(0, 60).map(i -> 3 + i % 25).toArray();
        int[] asked = joined(TRIGGER, new int[] {13, 14, 15});
        List<SessionReport> reports = new ArrayList<>();
        try (Session parent = session(context)) {
            for (int judge = 0; judge < 5; judge++) {
                try (Session fork = parent.fork(
                        List.of(voice(RandomAdapter.of(decoder, 10 + judge).with(GATE))))) {
                    fork.append(asked);
                    reports.add(fork.report());
                }
            }
            reports.add(parent.report());
        }
        assertThat(reports.stream().mapToLong(SessionReport::fresh).sum()).isEqualTo(60 + 5 * 5);
        assertThat(reports.stream().mapToLong(SessionReport::recomputed).sum()).isZero();
        assertThat(reports.get(0).reused()).isEqualTo(60);
        assertThat(reports.get(0).voices().get(0).segments()).isEqualTo(Segments.from(60));
        double weights = decoder.sites().stream()
                .filter(site -> !site.site().equals(Site.HEAD))
                .mapToDouble(site -> (double) site.in() * site.out())
                .sum();
        double attention =
                2.0 * decoder.config().layers() * decoder.config().attention().queryWidth();
        assertThat(reports.get(0).savedFlops()).isEqualTo(2 * weights * 60 + attention * 60 * 61);
    }

    @Test
    void aCertificateFailsWhereTheBaseIsNoLongerTheBase() {
        try (Session session = session(CONTEXT);
                Session other = session(5, 6, 7, 8, 9, 10, 11, 13)) {
            Certificate before = session.certify(CONTEXT.length);
            session.enter(voice(first));
            session.append(TRIGGER);
            generated(session, 3);
            session.requireUnchanged(before);
            assertThatThrownBy(() -> other.requireUnchanged(before)).hasMessageContaining("others than before");
            assertThatThrownBy(() -> session.certify(CONTEXT.length + 1)).hasMessageContaining("base alone");
            session.rollback(CONTEXT.length + 2);
            session.enter(voice(second.with(Gate.OPEN)));
            assertThatThrownBy(() -> session.requireUnchanged(before)).hasMessageContaining("base alone");
        }
    }

    @Test
    void aTriggerThatIsMissingIsAnErrorUnlessItsRuleSaysOtherwise() {
        try (Session session = session(CONTEXT)) {
            session.enter(voice(first));
            session.append(13);
            assertThatThrownBy(session::report)
                    .isInstanceOf(InlayException.class)
                    .hasMessageContaining("does not occur");
        }
    }

    @Test
    void scoresOfManyContinuationsAreThoseOfEach() {
        int[][] continuations = IntStream.range(0, 30)
                .mapToObj(i -> IntStream.range(0, 1 + i % 7)
                        .map(j -> 3 + (5 * i + j) % 80)
                        .toArray())
                .toArray(int[][]::new);
        int[] ids = joined(CONTEXT, TRIGGER);
        try (Session session = session(CONTEXT)) {
            session.enter(voice(first));
            session.append(TRIGGER);
            List<double[]> scores = session.score(List.of(continuations));
            for (int i = 0; i < continuations.length; i++) {
                assertClose(scores.get(i), expected(List.of(first), ids, continuations[i]));
            }
            assertThat(session.ids()).isEqualTo(ids);
        }
    }

    @Test
    void fact11_rowsOfAMixedBatchGoOnAsTheyWouldAlone() {
        Adapter plain = first.with(Gate.OPEN);
        Adapter elsewhere = second.with(TriggerGate.of(Trigger.of(List.of(40))));
        List<Prompt> prompts = List.of(
                new Prompt(CONTEXT, List.of()),
                new Prompt(new int[] {9, 8, 7}, List.of(plain)),
                new Prompt(joined(CONTEXT, TRIGGER, CONTEXT), List.of(first)),
                new Prompt(new int[] {5, 40, 6}, List.of(elsewhere)),
                new Prompt(joined(TRIGGER, new int[] {40, 5}), List.of(first, elsewhere)));
        Generator generator = Generator.ofTokens(decoder, List.of());
        for (int budget : new int[] {5, 7, 512}) {
            GenerationReport together =
                    generator.generateEach(prompts, greedy(6).withPrefillTokens(budget), GenerationListener.NONE);
            for (int row = 0; row < prompts.size(); row++) {
                assertThat(ids(together, row))
                        .isEqualTo(whole(
                                prompts.get(row).interventions(),
                                6,
                                prompts.get(row).ids()));
            }
        }
    }

    /** Judges on one context: what they begin with is read once, and each goes on as it would alone. */
    @Test
    void promptsThatBeginAlikeShareWhatNobodyChanges() {
        int[] context = IntStream.range(0, 90).map(i -> 3 + (7 * i) % 25).toArray();
        List<Prompt> prompts = new ArrayList<>();
        for (int judge = 0; judge < 5; judge++) {
            Adapter adapter = RandomAdapter.of(decoder, 10 + judge).with(GATE);
            prompts.add(new Prompt(joined(context, TRIGGER, new int[] {40 + judge}), List.of(adapter)));
        }
        Generator generator = Generator.ofTokens(decoder, List.of());
        GenerationOptions options = greedy(4).withRowsAtOnce(3).withPrefillTokens(50);
        GenerationReport report = generator.generateEach(prompts, options, GenerationListener.NONE);
        assertThat(report.reusedTokens()).isEqualTo(4 * 90);
        for (int row = 0; row < prompts.size(); row++) {
            assertThat(ids(report, row))
                    .isEqualTo(whole(
                            prompts.get(row).interventions(),
                            4,
                            prompts.get(row).ids()));
        }
        prompts.set(2, new Prompt(prompts.get(2).ids(), List.of(first.with(Gate.OPEN))));
        assertThat(generator
                        .generateEach(prompts, options, GenerationListener.NONE)
                        .reusedTokens())
                .isZero();
    }

    @Test
    void aKeptRowReadsAgainWhatOtherAdaptersChange() {
        int[] prompt = joined(CONTEXT, TRIGGER, new int[] {13});
        Adapter plain = RandomAdapter.of(decoder, 3);
        try (KeptRow row = Generator.ofTokens(decoder, List.of()).keptRow()) {
            assertThat(row.generate(prompt, greedy(2), GenerationListener.NONE).reusedTokens())
                    .isZero();
            KeptRow fork = row.fork();
            for (List<Intervention> others :
                    List.of(List.<Intervention>of(first), List.<Intervention>of(second), List.<Intervention>of())) {
                GenerationReport report = row.generate(new Prompt(prompt, others), greedy(5), GenerationListener.NONE);
                assertThat(report.reusedTokens()).isEqualTo(CONTEXT.length);
                assertThat(ids(report, 0)).isEqualTo(whole(others, 5, prompt));
            }
            GenerationReport all = row.generate(new Prompt(prompt, List.of(plain)), greedy(5), GenerationListener.NONE);
            assertThat(all.reusedTokens()).isZero();
            assertThat(ids(all, 0)).isEqualTo(whole(List.of(plain), 5, prompt));
            row.close();
            GenerationReport other = fork.generate(prompt, greedy(5), GenerationListener.NONE);
            assertThat(other.reusedTokens()).isEqualTo(prompt.length - 1);
            assertThat(ids(other, 0)).isEqualTo(whole(List.of(), 5, prompt));
            fork.close();
        }
    }
}
