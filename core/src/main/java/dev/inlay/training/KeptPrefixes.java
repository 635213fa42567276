package dev.inlay.training;

import static dev.inlay.InlayException.require;

import dev.inlay.model.Decoder;
import dev.inlay.model.Past;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Beginnings of rows, read once for all epochs, ranks and runs over one decoder.
 *
 * <p>Keys and values depend on the tokens and the frozen model alone: nothing acts on these tokens, so whose training asks
 * does not matter. Owns native memory: close it when no lease is open.
 */
public final class KeptPrefixes implements Prefixes {
    private final long limit;
    private final PastSource source;
    private final Map<Prefixes.Beginning, Past> kept = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong readTokens = new AtomicLong();
    private final AtomicLong reusedTokens = new AtomicLong();
    private @Nullable Decoder owner;

    KeptPrefixes(long limit, PastSource source) {
        require(limit >= 0, "the memory for prefixes cannot be negative, was %d bytes", limit);
        this.limit = limit;
        this.source = source;
    }

    /** Bytes of native memory that are kept. */
    public long byteCount() {
        return bytes.get();
    }

    /** Tokens that were asked of the source so far. */
    public long readTokens() {
        return readTokens.get();
    }

    /** Tokens that needed no reading, because they were known. */
    public long reusedTokens() {
        return reusedTokens.get();
    }

    @Override
    public Lease of(Decoder decoder, List<int[]> prefixes) {
        requireSame(decoder);
        Map<Prefixes.Beginning, int[]> missing = new LinkedHashMap<>();
        Map<Prefixes.Beginning, Past> known = new HashMap<>();
        for (int[] ids : prefixes) {
            Prefixes.Beginning key = new Prefixes.Beginning(ids);
            Past past = kept.get(key);
            if (past != null || missing.containsKey(key)) {
                reusedTokens.addAndGet(ids.length);
            } else {
                missing.put(key, ids);
                readTokens.addAndGet(ids.length);
            }
            if (past != null) {
                known.put(key, past);
            }
        }
        List<Past> lent = new ArrayList<>();
        source.of(decoder, new ArrayList<>(missing.values())).forEach((key, past) -> {
            known.put(key, keep(key, past, lent));
        });
        List<Past> pasts = prefixes.stream()
                .map(ids -> Objects.requireNonNull(known.get(new Prefixes.Beginning(ids))))
                .toList();
        return new Lease() {
            @Override
            public List<Past> pasts() {
                return pasts;
            }

            @Override
            public void close() {
                lent.forEach(Past::close);
            }
        };
    }

    /**
     * The one that is to be used: an equal one that another thread kept meanwhile, or this.
     *
     * @param lent gets what found no room and dies with the lease
     */
    private Past keep(Prefixes.Beginning key, Past past, List<Past> lent) {
        long size = past.byteCount();
        if (bytes.addAndGet(size) > limit) {
            bytes.addAndGet(-size);
            lent.add(past);
            return past;
        }
        Past other = kept.putIfAbsent(key, past);
        if (other == null) {
            return past;
        }
        bytes.addAndGet(-size);
        past.close();
        return other;
    }

    private synchronized void requireSame(Decoder decoder) {
        if (owner == null) {
            owner = decoder;
        }
        require(owner == decoder, "these prefixes were read by another model; use one store for each");
    }

    @Override
    public void close() {
        kept.values().forEach(Past::close);
        kept.clear();
        bytes.set(0);
    }
}
