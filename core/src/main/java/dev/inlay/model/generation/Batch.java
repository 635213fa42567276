package dev.inlay.model.generation;

import dev.inlay.engine.Scope;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.KvCache;
import dev.inlay.model.Pass;
import dev.inlay.model.PerRow;
import dev.inlay.model.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rows that grow together, one token of each per pass. A row that ends before others leaves, and its keys and values with
 * it.
 */
final class Batch {
    private final Decoder decoder;
    private final Sampler sampler;
    private final KvCache cache;
    private List<GrowingRow> rows;

    /** @param cache what each row has read of its prompt already, not all of it */
    Batch(Decoder decoder, Sampler sampler, KvCache cache, List<GrowingRow> rows) {
        this.decoder = decoder;
        this.sampler = sampler;
        this.rows = rows;
        this.cache = cache;
    }

    /** Rows that still grow. */
    int size() {
        return rows.size();
    }

    /**
     * Reads the prompts and chooses the first token of each row.
     *
     * @param budget most tokens of a pass
     */
    void begin(int budget) {
        int[] lengths = rows.stream().mapToInt(row -> row.prompt().length).toArray();
        int[] known = IntStream.range(0, rows.size()).map(cache::length).toArray();
        List<PromptPieces> passes = PromptPieces.of(known, lengths, budget);
        for (PromptPieces pieces : passes.subList(0, passes.size() - 1)) {
            try (Scope scope = Scope.open()) {
                decoder.read(reading(pieces));
            }
        }
        choose(reading(passes.get(passes.size() - 1)));
    }

    private Pass reading(PromptPieces pieces) {
        List<int[]> ids = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            cache.truncate(row, pieces.from().get(row));
            cache.expect(row, rows.get(row).reading());
            ids.add(Arrays.copyOfRange(
                    rows.get(row).prompt(), pieces.from().get(row), pieces.to().get(row)));
        }
        return Pass.continuing(cache, Rows.of(ids), interventions());
    }

    /** Reads the last token of each row and chooses the next. */
    void step() {
        List<int[]> ids = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            ids.add(unread(row));
        }
        choose(Pass.continuing(cache, Rows.of(ids), interventions()));
    }

    private List<Intervention> interventions() {
        return PerRow.together(rows.stream().map(GrowingRow::interventions).toList());
    }

    /** What the cache does not hold, or holds under gates or frequencies that are no longer right: the last token as a rule. */
    private int[] unread(int row) {
        int[] all = rows.get(row).all();
        if (rows.get(row).listening() == Listening.TO_ALL) {
            int holds = cache.expect(row, rows.get(row).grown());
            cache.truncate(row, Math.min(holds, all.length - 1));
            cache.expect(row, rows.get(row).grown());
        }
        if (!decoder.canContinue(cache, row, all.length - cache.length(row))) {
            cache.truncate(row, 0);
        }
        return Arrays.copyOfRange(all, cache.length(row), all.length);
    }

    private void choose(Pass pass) {
        float[] logits = lastLogits(pass);
        int vocabulary = logits.length / rows.size();
        List<Integer> staying = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            GrowingRow row = rows.get(i);
            float[] own = Arrays.copyOfRange(logits, i * vocabulary, (i + 1) * vocabulary);
            if (row.take(row.choose(sampler, own))) {
                staying.add(i);
            }
        }
        if (staying.size() < rows.size()) {
            if (!staying.isEmpty()) {
                cache.retain(staying);
            }
            rows = staying.stream().map(rows::get).toList();
        }
    }

    /** [rows, vocabulary] of each row's last token; the head is the dearest map and no other token needs it. */
    private float[] lastLogits(Pass pass) {
        Rows read = pass.rows();
        try (Scope scope = Scope.open()) {
            int[] last = new int[read.count()];
            Arrays.setAll(last, row -> read.start(row) + read.length(row) - 1);
            Pass end = read.tokens() == read.count() ? pass : pass.at(last);
            return decoder.logits(end.seen(decoder.hidden(pass)), end).toFloats();
        }
    }
}
