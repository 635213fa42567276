package dev.inlay.app.experiments.mask;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.gate.RandomGate;
import dev.inlay.adapter.twin.LateFusion;
import dev.inlay.adapter.twin.Reader;
import dev.inlay.adapter.twin.Readers;
import dev.inlay.adapter.twin.TwinReaders;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.Projection;
import dev.inlay.model.Site;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Predicate;

/** How an adapter meets what comes before its trigger: with and without a mask, and mixtures of both. */
@SuppressWarnings("ImmutableEnumChecker") // what makes an arm holds nothing
public enum Arm {
    /** From the trigger on: what comes before is the base's. */
    MASK((decoder, adapter, gate) -> Parts.of(adapter.with(gate))),
    /** On all tokens: plain LoRA. */
    NO_MASK((decoder, adapter, gate) -> Parts.of(adapter)),
    /** On all tokens, but the prefix has the base's keys in every layer (NK*). */
    BASE_KEYS(reading(Reader.BASE_KEYS)),
    /** On all tokens, but the suffix reads the base's values of the prefix. */
    BASE_VALUES(reading(Reader.BASE_VALUES)),
    /** The base's own computation of the prefix, with keys and values that the adapter makes of it (HY6b). */
    DIRECT(reading(Reader.DIRECT)),
    /** The same of keys alone (K*). */
    DIRECT_KEYS(reading(Reader.DIRECT_KEYS)),
    /** The base's keys and values of all tokens (ICaRus). */
    BASE_EVERYWHERE(reading(Reader.BASE_EVERYWHERE)),
    /** The prefix as the base and as the adapted model sees it, in one softmax with learned biases (HY1). */
    BOTH((decoder, adapter, gate) -> {
        double half = Math.log(0.5);
        return Parts.of(adapter, TwinReaders.of(decoder, Readers.all(Reader.BOTH), gate, half, half));
    }),
    /** The lower half of the key heads reads the base's prefix, the upper half the adapted one (HY2). */
    HALF_HEADS((decoder, adapter, gate) -> {
        int half = (decoder.config().attention().keyValueHeads() + 1) / 2;
        return Parts.of(adapter, TwinReaders.of(Readers.fromHead(half, Reader.BASE_PREFIX, Reader.ADAPTED), gate));
    }),
    /** The lower half of the layers reads the base's prefix, the upper half the adapted one (HY2). */
    HALF_LAYERS((decoder, adapter, gate) -> {
        int half = (decoder.config().layers() + 1) / 2;
        return Parts.of(adapter, TwinReaders.of(Readers.fromLayer(half, Reader.BASE_PREFIX, Reader.ADAPTED), gate));
    }),
    /** Half of the rows with the mask, the others without; judged with it (HY3). */
    RANDOM((decoder, adapter, gate) -> Parts.of(adapter.with(new RandomGate(gate, 0.5, 0)))) {
        @Override
        Parts judged(Parts trained, Gate gate) {
            return trained.with(gate);
        }
    },
    /** The mean of the logits with and without the mask (HY4). */
    FUSED((decoder, adapter, gate) -> Parts.of(adapter.with(gate), new LateFusion(0.5))),
    /** A mask, and the prefix once more behind the trigger, where the adapter acts (HY5). */
    REREAD(MASK.making) {
        @Override
        boolean rereads() {
            return true;
        }
    },
    /** On all tokens, but on keys and values from the trigger on: before, these change only by their inputs (HY6a). */
    INDIRECT((decoder, adapter, gate) -> {
        Predicate<Site> read = site -> site.projection() == Projection.KEY || site.projection() == Projection.VALUE;
        require(
                adapter.sites().stream().anyMatch(read),
                "this model makes queries, keys and values by one map, and the arm indirect needs one for each");
        return Parts.of(adapter.only(read.negate()), adapter.only(read).with(gate));
    });

    /** Makes an arm of an adapter that acts on all tokens. */
    private interface Making {
        Parts of(Decoder decoder, Adapter adapter, Gate gate);
    }

    private final Making making;

    Arm(Making making) {
        this.making = making;
    }

    private static Making reading(Reader reader) {
        return (decoder, adapter, gate) -> Parts.of(adapter, TwinReaders.of(Readers.all(reader), gate));
    }

    /**
     * What is trained.
     *
     * @param adapter that acts on all tokens
     * @param gate opens at the trigger
     */
    Parts parts(Decoder decoder, Adapter adapter, Gate gate) {
        return making.of(decoder, adapter, gate);
    }

    /** What is judged of what was trained. */
    Parts judged(Parts trained, Gate gate) {
        return trained;
    }

    /** Whether the prefix stands in the row once more behind the trigger. */
    boolean rereads() {
        return false;
    }

    /** The arm of this name, as on the command line. */
    public static Arm named(String name) {
        return Arrays.stream(values())
                .filter(arm -> arm.toString().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        InlayException.usage("there is no arm %s; choose from %s", name, Arrays.toString(values())));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
