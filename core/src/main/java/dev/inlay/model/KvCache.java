package dev.inlay.model;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.FreeMemory;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of what the rows have read so far, per layer [capacity, kv_heads, head_dim]; it grows as needed.
 *
 * <p>Rows can share what they have read ({@link #branch}): it then lies in memory once, and what each reads from there on
 * is its own.
 *
 * <p>Owns its native memory: close it. Not for use by two threads at once. A cache serves the decoder and the
 * interventions that filled it; keys and values made under an adapter are not those of the bare model.
 */
public final class KvCache implements History, AutoCloseable {
    private static final int FIRST_CAPACITY = 64;

    /** Bytes; for less, asking what is free costs more than it tells. */
    private static final long SMALL_GROWTH = 16L << 20;

    private final int layers;
    private final long keyValueHeads;
    private final long headDim;
    private final DType type;
    private final Device device;
    private final int limit;
    private final List<Row> rows = new ArrayList<>();
    private final boolean borrowed;

    KvCache(DecoderConfig config, DType type, Device device, int rows) {
        this.borrowed = false;
        this.layers = config.layers();
        this.keyValueHeads = config.attention().keyValueHeads();
        this.headDim = config.attention().headDim();
        this.type = type;
        this.device = device;
        this.limit = config.contextLength();
        InlayException.require(rows >= 1, "a cache needs at least one row, was %d", rows);
        for (int i = 0; i < rows; i++) {
            this.rows.add(new Row());
        }
    }

    private KvCache(KvCache like, boolean borrowed) {
        this.borrowed = borrowed;
        this.layers = like.layers;
        this.keyValueHeads = like.keyValueHeads;
        this.headDim = like.headDim;
        this.type = like.type;
        this.device = like.device;
        this.limit = like.limit;
    }

    /**
     * New rows that have read what a row has, and share it with this row: nothing is copied. They and this row then go on
     * by themselves, and any of them may be closed first.
     *
     * @param length how many of the row's tokens they have read
     * @param count how many new rows
     */
    public KvCache branch(int row, int length, int count) {
        requireHeld(row, length);
        rows.get(row).freeze();
        KvCache branches = new KvCache(this, false);
        for (int i = 0; i < count; i++) {
            Row branch = new Row();
            branch.begin(rows.get(row), length);
            branches.rows.add(branch);
        }
        return branches;
    }

    /**
     * The rows of several caches as those of one, so that they grow in one pass. The rows stay where they are: closing this
     * one closes none of them.
     *
     * @param caches at least one, all of one decoder
     */
    public static KvCache together(List<KvCache> caches) {
        KvCache all = new KvCache(caches.get(0), true);
        caches.forEach(cache -> all.rows.addAll(cache.rows));
        return all;
    }

    /** Tokens that passes have read into a row, those forgotten since included. */
    public long readTokens(int row) {
        return rows.get(row).read;
    }

    /** Forgets where gates are open in a row, so that only those that act from now on are asked. */
    public void forgetGates(int row) {
        rows.get(row).decided.clear();
    }

    /**
     * Tells keys and values of a row's first tokens apart, see {@link ValueDigest}.
     */
    public String digest(int row, int length) {
        requireHeld(row, length);
        try (Scope scope = Scope.open()) {
            List<Tensor> all = new ArrayList<>();
            for (int layer = 0; layer < layers; layer++) {
                List<Tensor> values = new ArrayList<>();
                int left = length;
                for (Past.Layer part : rows.get(row).parts(layer)) {
                    int some = Math.min(left, Math.toIntExact(part.keys().size(0)));
                    all.add(part.keys().narrow(0, 0, some));
                    values.add(part.values().narrow(0, 0, some));
                    left -= some;
                }
                all.addAll(values);
            }
            return ValueDigest.of(all);
        }
    }

    private void requireHeld(int row, int length) {
        InlayException.require(
                length >= 0 && length <= length(row), "row %d holds %d tokens, not %d", row, length(row), length);
    }

    @Override
    public List<Link> links(int row) {
        return rows.get(row).links;
    }

    @Override
    public int rows() {
        return rows.size();
    }

    @Override
    public int length(int row) {
        return rows.get(row).length;
    }

    /**
     * Says what a row will read before anything is generated: it decides where gates are open, and what positions depend on
     * where they depend on the length of the row (longrope), so that a long prompt can be read in pieces.
     *
     * @return how many of the tokens that the row has read hold under this: the others were read before the prompt was
     *     another or under other gates. The caller cuts the row there
     */
    public int expect(int row, Reading reading) {
        return rows.get(row).expect(reading);
    }

    /** Where a gate is open in a row; see {@link #expect}. */
    @Override
    public Segments segments(Gate gate, int row) {
        return rows.get(row).segments(gate, row);
    }

    /** The length that a row was said to become, or its own, if that is more. */
    @Override
    public int expected(int row) {
        return Math.max(rows.get(row).expected, length(row));
    }

    /** The most tokens that a row has held since it was last empty. */
    int reach(int row) {
        return rows.get(row).reach;
    }

    @Override
    public boolean holds(RotaryFrequencies frequencies, int row, int length) {
        int expected = expected(row);
        return length(row) == 0
                || frequencies.forLength(Math.max(reach(row), expected))
                        == frequencies.forLength(Math.max(length, expected));
    }

    /** Bytes of native memory held; what rows share counts once. */
    public long byteCount() {
        Set<Past> shared = Collections.newSetFromMap(new IdentityHashMap<>());
        rows.forEach(row -> row.links.forEach(link -> shared.add(link.past())));
        return rows.stream().mapToLong(Row::byteCount).sum()
                + shared.stream().mapToLong(Past::byteCount).sum();
    }

    /** Forgets what a row read from a position on. */
    public void truncate(int row, int length) {
        requireHeld(row, length);
        rows.get(row).cut(length);
    }

    /** Leaves out the rows not listed; the order of the list becomes the order of rows. */
    public void retain(List<Integer> numbers) {
        List<Row> retained = numbers.stream().map(rows::get).toList();
        if (!borrowed) {
            rows.stream().filter(row -> !retained.contains(row)).forEach(Row::close);
        }
        rows.clear();
        rows.addAll(retained);
    }

    /** So that all layers of a row grow together. */
    @Override
    public void reserve(Rows next) {
        long growth = 0;
        for (int row = 0; row < rows.size(); row++) {
            int needed = length(row) + next.length(row);
            if (needed > limit) {
                throw InlayException.data(
                        "row %d would reach %d tokens, the model's context holds %d; shorten the prompt or ask for fewer"
                                + " tokens",
                        row, needed, limit);
            }
            growth += rows.get(row).growth(needed);
        }
        requireRoom(growth);
        for (int row = 0; row < rows.size(); row++) {
            rows.get(row).reserve(length(row) + next.length(row));
        }
    }

    private void requireRoom(long growth) {
        if (growth > SMALL_GROWTH) {
            FreeMemory.on(device)
                    .require(
                            growth,
                            "keys and values of " + rows.size() + " growing rows",
                            () -> "use shorter prompts, fewer new tokens or fewer rows at once");
        }
    }

    @Override
    public List<Tensor> extend(int layer, int row, Tensor k, Tensor v) {
        return rows.get(row).extend(layer, k, v);
    }

    @Override
    public void advance(Rows read) {
        for (int row = 0; row < rows.size(); row++) {
            rows.get(row).advance(read.length(row));
        }
    }

    @Override
    public void close() {
        if (!borrowed) {
            rows.forEach(Row::close);
        }
        rows.clear();
    }

    private final class Row {
        /** What the row shares, from its first token on; what it owns follows. */
        private List<Link> links = List.of();

        private int shared;
        private final Scope linkOwner = Scope.detached();
        private Scope owner = Scope.detached();
        private List<Tensor> keys = List.of();
        private List<Tensor> values = List.of();
        private int capacity;
        private int length;
        private int reach;
        private long read;
        private int expected;
        private @Nullable Reading reading;
        private final Map<Gate, Segments> decided = new HashMap<>();

        /** Makes all that was read unchangeable, to be shared; it stays where it lies. */
        void freeze() {
            int own = length - shared;
            if (own == 0) {
                return;
            }
            List<Past.Layer> frozen = new ArrayList<>();
            try (Scope scope = Scope.open()) {
                for (int layer = 0; layer < layers; layer++) {
                    frozen.add(new Past.Layer(
                            linkOwner.own(keys.get(layer).narrow(0, 0, own)),
                            linkOwner.own(values.get(layer).narrow(0, 0, own))));
                }
            }
            List<Link> longer = new ArrayList<>(links);
            longer.add(new Link(new Past(frozen, own, linkOwner), own));
            links = List.copyOf(longer);
            shared = length;
            owner.close();
            owner = Scope.detached();
            capacity = 0;
        }

        /** Shares the first tokens of another row. */
        void begin(Row other, int tokens) {
            links = other.links;
            shared = other.shared;
            length = other.shared;
            reach = other.reach;
            cut(tokens);
            links.forEach(link -> link.past().layers().forEach(layer -> {
                linkOwner.own(layer.keys());
                linkOwner.own(layer.values());
            }));
        }

        /** Keys and values of all that was read, in its order; views. */
        List<Past.Layer> parts(int layer) {
            List<Past.Layer> parts = new ArrayList<>();
            links.forEach(link -> parts.add(link.layer(layer)));
            if (length > shared) {
                parts.add(new Past.Layer(
                        keys.get(layer).narrow(0, 0, length - shared),
                        values.get(layer).narrow(0, 0, length - shared)));
            }
            return parts;
        }

        int expect(Reading next) {
            Map<Gate, Segments> before = Map.copyOf(decided);
            reading = next;
            expected = next.ids().length;
            decided.clear();
            int hold = length;
            for (Map.Entry<Gate, Segments> each : before.entrySet()) {
                Segments now = each.getKey().over(next);
                decided.put(each.getKey(), now);
                hold = Math.min(hold, now.firstDifference(each.getValue()));
            }
            return hold;
        }

        Segments segments(Gate gate, int row) {
            return decided.computeIfAbsent(gate, asked -> {
                if (reading == null) {
                    throw InlayException.usage(
                            "row %d of the cache was not told what it will read, which decides where the gate (%s) is"
                                    + " open; call KvCache.expect first",
                            row, asked);
                }
                return asked.over(reading);
            });
        }

        void advance(int tokens) {
            length += tokens;
            read += tokens;
            reach = Math.max(reach, length);
        }

        void cut(int shorter) {
            length = shorter;
            if (shorter < shared) {
                links = Link.first(links, shorter);
                shared = shorter;
            }
            expected = 0;
            reach = shorter == 0 ? 0 : reach;
        }

        /** Tokens that there is room for once this many are reserved. */
        private int reserved(int whole) {
            int needed = whole - shared;
            return needed <= capacity
                    ? capacity
                    : (int) Math.min(limit - shared, Math.max(needed, Math.max(FIRST_CAPACITY, 2L * capacity)));
        }

        /** Bytes that reserving this many tokens takes in addition. */
        long growth(int whole) {
            return byteCount(reserved(whole)) - byteCount();
        }

        void reserve(int whole) {
            int larger = reserved(whole);
            if (larger == capacity) {
                return;
            }
            Scope next = Scope.detached();
            try (Scope scope = Scope.open()) {
                keys = grown(keys, larger, next);
                values = grown(values, larger, next);
            }
            owner.close();
            owner = next;
            capacity = larger;
        }

        private List<Tensor> grown(List<Tensor> old, int larger, Scope next) {
            List<Tensor> result = new ArrayList<>(layers);
            for (int layer = 0; layer < layers; layer++) {
                Tensor memory = next.own(Tensor.empty(type, device, larger, keyValueHeads, headDim));
                int own = length - shared;
                if (own > 0) {
                    memory.narrow(0, 0, own).copyFrom(old.get(layer).narrow(0, 0, own));
                }
                result.add(memory);
            }
            return result;
        }

        List<Tensor> extend(int layer, Tensor k, Tensor v) {
            long added = k.size(0);
            int own = length - shared;
            keys.get(layer).narrow(0, own, added).copyFrom(k);
            values.get(layer).narrow(0, own, added).copyFrom(v);
            return List.of(
                    keys.get(layer).narrow(0, 0, own + added), values.get(layer).narrow(0, 0, own + added));
        }

        long byteCount() {
            return byteCount(capacity);
        }

        private long byteCount(int tokens) {
            return 2L * layers * tokens * keyValueHeads * headDim * type.bytes();
        }

        void close() {
            owner.close();
            linkOwner.close();
        }
    }
}
