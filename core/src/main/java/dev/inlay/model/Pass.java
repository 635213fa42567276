package dev.inlay.model;

import dev.inlay.InlayException;
import dev.inlay.engine.Tensor;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What runs through a decoder once: tokens, the history that they continue, and who intervenes.
 *
 * <p>Positions are absolute: a row that continues {@code n} cached tokens starts at position n.
 *
 * <p>Where a tensor holds only some tokens of the stream, as at the head, whoever intervenes gets the pass {@link #at}
 * their places: the whole history stays visible, {@link #places} and {@link #seen} say what the tensor's rows are.
 */
public final class Pass {
    private final Rows rows;
    private final @Nullable History history;
    private final List<Intervention> interventions;
    private final Set<Stream> watched;
    private final @Nullable Mixing mixing;
    private final int @Nullable [] places;
    private final Pass whole;
    private final Map<Gate, Acting> acting = new HashMap<>();
    private final Map<Gate, Segments[]> decided = new HashMap<>();

    private Pass(Rows rows, @Nullable History history, List<? extends Intervention> interventions) {
        this.rows = rows;
        this.history = history;
        this.interventions = List.copyOf(interventions);
        this.watched = EnumSet.noneOf(Stream.class);
        this.places = null;
        this.whole = this;
        interventions.forEach(intervention -> watched.addAll(intervention.streams()));
        this.mixing = mixing(history, interventions);
    }

    private static @Nullable Mixing mixing(@Nullable History history, List<? extends Intervention> interventions) {
        Mixing found = null;
        for (Intervention intervention : interventions) {
            Mixing own = intervention.mixing();
            InlayException.require(
                    own == null || (found == null && history == null),
                    "an adapter whose tokens read two sides runs alone and over whole rows; use it to train, to evaluate"
                            + " and to analyse");
            found = own == null ? found : own;
        }
        return found;
    }

    private Pass(Pass whole, int[] places) {
        this.whole = whole;
        this.rows = whole.rows;
        this.history = whole.history;
        this.interventions = whole.interventions;
        this.watched = whole.watched;
        this.mixing = whole.mixing;
        this.places = places;
    }

    /** A pass over whole rows, from position 0. */
    public static Pass over(Rows rows, List<? extends Intervention> interventions) {
        return new Pass(rows, null, interventions);
    }

    /** A pass over whole rows of the bare model. */
    public static Pass over(Rows rows) {
        return over(rows, List.of());
    }

    /** A pass that continues the rows of a history, which takes its keys and values. */
    public static Pass continuing(History history, Rows rows, List<? extends Intervention> interventions) {
        InlayException.require(
                history.rows() == rows.count(),
                "the history holds %d rows, the pass has %d",
                history.rows(),
                rows.count());
        return new Pass(rows, history, interventions);
    }

    /**
     * The same pass, of which a tensor holds only these tokens.
     *
     * @param tokens places in the stream, in the order of the tensor's rows
     */
    public Pass at(int... tokens) {
        for (int place : tokens) {
            if (place < 0 || place >= rows.tokens()) {
                throw new IllegalArgumentException("place " + place + " in a stream of " + rows.tokens() + " tokens");
            }
        }
        return new Pass(whole, tokens.clone());
    }

    /** The same tokens, with others who intervene. */
    Pass with(List<? extends Intervention> others) {
        return new Pass(rows, history, others);
    }

    /** The pass of which this shows some tokens: one object for all that belongs to a pass. */
    public Pass whole() {
        return whole;
    }

    /** Places in the stream of the tokens that a tensor of this pass holds, in the order of its rows. */
    public int[] places() {
        return places == null ? IntStream.range(0, rows.tokens()).toArray() : places.clone();
    }

    /** Number of tokens that a tensor of this pass holds. */
    public int seen() {
        return places == null ? rows.tokens() : places.length;
    }

    /**
     * What belongs to the tokens that a tensor of this pass holds.
     *
     * @param stream [tokens, ...] one value for each token of the stream
     * @return [seen, ...]
     */
    public Tensor seen(Tensor stream) {
        return places == null ? stream : stream.rows(Tensor.of(places).to(stream.device()));
    }

    /** On which of the tokens that a tensor of this pass holds a gate is open, and how strongly. */
    public Acting acting(Gate gate) {
        return acting.computeIfAbsent(gate, asked -> {
            if (asked.equals(Gate.OPEN)) {
                return Acting.everywhere(seen());
            }
            int[] seen = places();
            int[] positions = positions();
            double[] strengths = new double[seen.length];
            for (int i = 0; i < seen.length; i++) {
                strengths[i] = segments(asked, rows.rowOf(seen[i])).at(positions[seen[i]]);
            }
            return new Acting(strengths);
        });
    }

    /** Where a gate is open in a row: decided once per row, by all that the row reads. */
    public Segments segments(Gate gate, int row) {
        if (gate.equals(Gate.OPEN)) {
            return Segments.OPEN;
        }
        Segments[] known = whole.decided.computeIfAbsent(gate, asked -> new Segments[rows.count()]);
        if (known[row] == null) {
            known[row] = history == null ? gate.over(rows.reading(row)) : history.segments(gate, row);
        }
        return known[row];
    }

    public Rows rows() {
        return rows;
    }

    public @Nullable History history() {
        return history;
    }

    public List<Intervention> interventions() {
        return interventions;
    }

    /** Position of a row's first token of this pass. */
    public int firstPosition(int row) {
        return history == null ? 0 : history.length(row);
    }

    /** Length that a row was said to become; 0 if nothing was said. */
    int expected(int row) {
        return history == null ? 0 : history.expected(row);
    }

    /** Position of every token of the stream, [tokens]. */
    public int[] positions() {
        int[] positions = new int[rows.tokens()];
        for (int row = 0; row < rows.count(); row++) {
            for (int i = 0; i < rows.length(row); i++) {
                positions[rows.start(row) + i] = firstPosition(row) + i;
            }
        }
        return positions;
    }

    /** What takes the place of attention within each row, or null. */
    @Nullable
    Mixing mixing() {
        return mixing;
    }

    /** Whether somebody wants to see a stream. */
    boolean watches(Stream stream) {
        return watched.contains(stream);
    }
}
