package dev.inlay.model.generation;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import dev.inlay.engine.Companion;
import dev.inlay.engine.Scope;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.KvCache;
import dev.inlay.model.Pass;
import dev.inlay.model.Reading;
import dev.inlay.model.Rows;
import dev.inlay.model.Segments;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One row of tokens that adapters enter and leave while it grows, and from which others branch off. What it holds is at any
 * time what a prompt of its tokens would have made under the gates of its voices: rows over which a gate opens or closes
 * afterwards are computed again, no other.
 *
 * <pre>{@code
 * try (Session context = Session.of(Generator.of(decoder, tokenizer, List.of()), base)) {
 *     context.append(tokenizer.encode(text));
 *     try (Session judge = context.fork(List.of(voice))) {     // shares the context's keys and values
 *         judge.append(question);                              // holds the trigger
 *         judge.generate(options, GenerationListener.NONE);
 *     }
 * }
 * }</pre>
 *
 * <p>What the model wrote counts as given once something is appended. Sessions that share rows may be closed in any order.
 * Owns native memory: close it. Not for use by two threads at once, nor may sessions that share rows be.
 */
public final class Session implements AutoCloseable {
    /** Most tokens of a pass. */
    private static final int PIECE = 512;

    private final Generator generator;
    private final Decoder decoder;
    private final String base;
    private final KvCache cache;
    private int[] ids;
    private List<Voice> voices;
    /** Where the gates of the voices were when the rows were made. */
    private List<Segments> decided;

    private int reused;
    private long fresh;
    private long recomputed;

    private Session(Session like, KvCache cache, int[] ids, List<Voice> voices, List<Segments> decided) {
        this(like.generator, like.base, cache, ids, voices, decided);
        this.reused = ids.length;
    }

    private Session(
            Generator generator, String base, KvCache cache, int[] ids, List<Voice> voices, List<Segments> decided) {
        this.generator = generator;
        this.decoder = generator.decoder();
        this.base = base;
        this.cache = cache;
        this.ids = ids;
        this.voices = List.copyOf(voices);
        this.decided = List.copyOf(decided);
    }

    /**
     * An empty row of the bare model.
     *
     * @param generator without interventions: those of a session are its voices
     * @param base tells the model's weights from others, as a fingerprint does
     */
    public static Session of(Generator generator, String base) {
        require(
                generator.interventions().isEmpty(),
                "a session begins with the bare model; give its adapters as voices");
        Decoder decoder = generator.decoder();
        String profile = base + " " + decoder.dtype() + " " + decoder.device();
        return new Session(generator, profile, decoder.newCache(1), new int[0], List.of(), List.of());
    }

    /** The tokens; a copy. */
    public int[] ids() {
        return ids.clone();
    }

    public int length() {
        return ids.length;
    }

    /**
     * Adds tokens. They are read when something is asked of the session, those of sessions that go on together in the same
     * passes; gates then look for their triggers in all that it holds.
     */
    public void append(int... more) {
        ids = IntStream.concat(Arrays.stream(ids), Arrays.stream(more)).toArray();
    }

    /**
     * Lets an adapter in. Its rule is asked when the session next reads or is asked for something; where it then opens over
     * rows that are there, they are computed again.
     */
    public void enter(Voice voice) {
        voices = with(voices, List.of(voice));
        decided = with(decided, List.of(Segments.CLOSED));
    }

    private static <E> List<E> with(List<E> some, List<E> more) {
        List<E> all = new ArrayList<>(some);
        all.addAll(more);
        return List.copyOf(all);
    }

    /** Changes how strongly an adapter of the session acts, from the next token on; 0 closes it, 1 is as its rule says. */
    public void strength(Voice voice, double strength) {
        boolean found = false;
        List<Voice> changed = new ArrayList<>();
        for (Voice each : voices) {
            boolean same = each.content().equals(voice.content());
            found |= same;
            changed.add(same ? each.then(ids.length, strength) : each);
        }
        require(found, "the adapter %s is no voice of this session; let it enter first", voice.content());
        voices = List.copyOf(changed);
    }

    /** Goes back to the base from the next token on: every voice leaves. */
    public void returnToBase(AfterSegment policy) {
        settle();
        switch (policy) {
            case KEEP_TAINTED -> keepAsTheyAre();
            case RECOMPUTE -> {
                voices = List.of();
                cut(untainted());
                settle();
            }
            case DROP -> rollbackToUntainted();
        }
    }

    /** Rules are not asked again: whatever follows leaves the gates over these rows where they are. */
    private void keepAsTheyAre() {
        List<Voice> kept = new ArrayList<>();
        List<Segments> fixed = new ArrayList<>();
        for (int i = 0; i < voices.size(); i++) {
            Segments past = decided.get(i).then(ids.length, 0);
            if (past.firstOpen() < ids.length) {
                kept.add(voices.get(i).at(past));
                fixed.add(past);
            }
        }
        voices = List.copyOf(kept);
        decided = List.copyOf(fixed);
    }

    /** Takes back the tokens from a position on. */
    public void rollback(int position) {
        require(
                position >= 0 && position <= ids.length,
                "the session holds %d tokens and cannot go back to %d",
                ids.length,
                position);
        ids = Arrays.copyOf(ids, position);
        if (cache.length(0) > position) {
            cache.truncate(0, position);
        }
        reused = Math.min(reused, position);
        voices = voices.stream().map(voice -> voice.until(position)).toList();
    }

    /** Takes back every row that an adapter had a part in; the base goes on as if there had been none. */
    public void rollbackToUntainted() {
        settle();
        int position = untainted();
        voices = List.of();
        decided = List.of();
        rollback(position);
    }

    /** How many rows from the first on no adapter had a part in. */
    private int untainted() {
        return decided.stream().mapToInt(Segments::firstOpen).reduce(cache.length(0), Math::min);
    }

    /**
     * Another session that has read the same, and shares it with this one, which it never changes.
     *
     * @param more voices that {@link #enter} it
     */
    public Session fork(List<Voice> more) {
        settle();
        return new Session(
                this,
                cache.branch(0, ids.length, 1),
                ids,
                with(voices, more),
                with(decided, more.stream().map(voice -> Segments.CLOSED).toList()));
    }

    /**
     * Another session with other tokens and voices. It shares the first rows that come from the same: equal tokens, gates
     * and contents of adapters; their names are not asked for.
     */
    public Session fork(int[] tokens, List<Voice> others) {
        settle();
        List<Segments> gates = segments(others, Reading.of(tokens));
        List<String> mine = keys();
        List<String> theirs = RowKeys.of(base, tokens, others, gates);
        int same = 0;
        while (same < Math.min(mine.size(), theirs.size()) && mine.get(same).equals(theirs.get(same))) {
            same++;
        }
        Session fork = new Session(this, cache.branch(0, same, 1), Arrays.copyOf(tokens, same), others, gates);
        fork.ids = tokens.clone();
        return fork;
    }

    /** Where each row comes from: hashes, one for each token; rows of equal keys are equal. */
    public List<String> keys() {
        settle();
        return RowKeys.of(base, ids, voices, decided);
    }

    /**
     * Logarithms of the probabilities that texts follow here, token by token. The session stays as it is.
     *
     * @param continuations each at least one token
     * @return one number for each of their tokens, in nats
     */
    public List<double[]> score(List<int[]> continuations) {
        settle();
        return new Scoring(decoder, cache, ids, interventions()).score(continuations);
    }

    /** Goes on. What the model writes opens no gate. */
    public GenerationReport generate(GenerationOptions options, GenerationListener listener) {
        return generate(List.of(this), Listening.TO_GIVEN, options, listener);
    }

    /**
     * Lets sessions of one decoder go on together, one token of each per pass; rows that they share are read once for all.
     *
     * @return one report; its rows are in the order of the sessions
     */
    public static GenerationReport generate(
            List<Session> sessions, Listening listening, GenerationOptions options, GenerationListener listener) {
        require(!sessions.isEmpty(), "at least one session must go on");
        Generator generator = sessions.get(0).generator;
        List<Prompt> prompts = new ArrayList<>();
        for (Session session : sessions) {
            require(session.decoder == generator.decoder(), "sessions that go on together are of one decoder");
            session.align();
            prompts.add(new Prompt(session.ids, session.interventions(), listening));
        }
        int[] known =
                sessions.stream().mapToInt(session -> session.cache.length(0)).toArray();
        long[] read = sessions.stream()
                .mapToLong(session -> session.cache.readTokens(0))
                .toArray();
        try (KvCache rows =
                KvCache.together(sessions.stream().map(session -> session.cache).toList())) {
            GenerationReport report = generator.generate(prompts, rows, options, listener);
            for (int i = 0; i < known.length; i++) {
                sessions.get(i).grown(report.rows().get(i), known[i], read[i]);
            }
            return report;
        }
    }

    private void grown(Generated row, int known, long read) {
        reused = Math.min(reused, ids.length - 1); // the last token was read again, into a row of its own
        ids = IntStream.concat(Arrays.stream(ids), row.tokens().stream().mapToInt(id -> id))
                .toArray();
        int held = cache.length(0);
        decided = segments(voices, Reading.of(Arrays.copyOf(ids, held)));
        fresh += held - known;
        recomputed += cache.readTokens(0) - read - (held - known);
        cache.forgetGates(0);
    }

    private List<Intervention> interventions() {
        return voices.stream().flatMap(voice -> voice.interventions().stream()).toList();
    }

    private static List<Segments> segments(List<Voice> voices, Reading reading) {
        return voices.stream().map(voice -> voice.gate().over(reading)).toList();
    }

    /** Computes what of the tokens is not there. */
    private void settle() {
        align();
        int known = cache.length(0);
        Companion.with(Runtime.getRuntime().availableProcessors(), () -> {
            while (cache.length(0) < ids.length) {
                read(Math.min(ids.length, cache.length(0) + PIECE));
            }
        });
        fresh += ids.length - known;
        cache.forgetGates(0); // those of voices that are no longer here must not be asked
    }

    /** Takes back what was computed under gates that are now elsewhere. */
    private void align() {
        List<Segments> now = segments(voices, Reading.of(ids));
        int holds = cache.length(0);
        for (int i = 0; i < now.size(); i++) {
            holds = Math.min(holds, now.get(i).firstDifference(decided.get(i)));
        }
        cut(holds);
        decided = now;
        if (!decoder.canContinue(cache, 0, ids.length - holds)) {
            cut(0);
        }
    }

    /** What was there from a position on will be computed again. */
    private void cut(int position) {
        int lost = cache.length(0) - position;
        if (lost > 0) {
            cache.truncate(0, position);
            reused = Math.min(reused, position);
            recomputed += lost;
            fresh -= lost;
        }
    }

    private void read(int end) {
        try (Scope scope = Scope.open()) {
            cache.expect(0, Reading.of(ids));
            int[] some = Arrays.copyOfRange(ids, cache.length(0), end);
            decoder.read(Pass.continuing(cache, Rows.of(some), interventions()));
        }
    }

    /**
     * Says what the base alone made of the first tokens.
     *
     * @param length at least 1, none of them a row that an adapter had a part in
     */
    public Certificate certify(int length) {
        settle();
        require(
                length >= 1 && length <= untainted(),
                "%d rows of the session are of the base alone, and a certificate is about %d; take fewer, at least 1",
                untainted(),
                length);
        String logits = new Scoring(decoder, cache, Arrays.copyOf(ids, length), List.of()).digest();
        return new Certificate(length, cache.digest(0, length), logits);
    }

    /**
     * Fails if the base's rows are no longer those that a certificate tells of.
     *
     * @throws InlayException if anything differs in a bit
     */
    public void requireUnchanged(Certificate before) {
        Certificate now = certify(before.length());
        if (!now.equals(before)) {
            throw InlayException.diverged(
                    "the base's keys, values or logits of the first %d tokens are others than before (%s, was %s); do not"
                            + " use what came of this session",
                    before.length(), now.keysAndValues(), before.keysAndValues());
        }
    }

    /** What the session holds and what it took. */
    public SessionReport report() {
        settle();
        List<SessionReport.Part> parts = new ArrayList<>();
        for (int i = 0; i < voices.size(); i++) {
            parts.add(new SessionReport.Part(voices.get(i).content(), decided.get(i)));
        }
        return new SessionReport(
                ids.length, reused, fresh, recomputed, untainted(), parts, ReadingCost.of(decoder, reused));
    }

    /** Bytes of native memory that sessions hold; what they share counts once. */
    public static long byteCount(List<Session> sessions) {
        try (KvCache all =
                KvCache.together(sessions.stream().map(session -> session.cache).toList())) {
            return all.byteCount();
        }
    }

    @Override
    public void close() {
        cache.close();
    }
}
