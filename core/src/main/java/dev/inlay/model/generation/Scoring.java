package dev.inlay.model.generation;

import dev.inlay.InlayException;
import dev.inlay.engine.CrossEntropy;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.KvCache;
import dev.inlay.model.Pass;
import dev.inlay.model.Reading;
import dev.inlay.model.Rows;
import dev.inlay.model.ValueDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What a row's model expects to follow it, asked on branches of the row. */
final class Scoring {
    /** Most tokens whose logits are held at once. */
    private static final int PIECE = 128;

    private final Decoder decoder;
    private final KvCache cache;
    private final int[] ids;
    private final List<Intervention> interventions;

    /** @param ids at least one; the cache has read them, and maybe more */
    Scoring(Decoder decoder, KvCache cache, int[] ids, List<Intervention> interventions) {
        InlayException.require(ids.length > 0, "nothing can follow a session without a token; append one first");
        this.decoder = decoder;
        this.cache = cache;
        this.ids = ids;
        this.interventions = interventions;
    }

    /** Logarithms of probabilities, one for each token of each continuation. */
    List<double[]> score(List<int[]> continuations) {
        List<double[]> scores = new ArrayList<>();
        int from = 0;
        while (from < continuations.size()) {
            int to = from;
            int tokens = 0;
            while (to < continuations.size() && (to == from || tokens + continuations.get(to).length <= PIECE)) {
                tokens += continuations.get(to++).length;
            }
            scores.addAll(together(continuations.subList(from, to)));
            from = to;
        }
        return scores;
    }

    private List<double[]> together(List<int[]> some) {
        try (Scope scope = Scope.open();
                KvCache branches = cache.branch(0, ids.length - 1, some.size())) {
            int[] labels = some.stream().flatMapToInt(Arrays::stream).toArray();
            double[] losses = CrossEntropy.perRow(
                            logits(branches, some), Tensor.of(labels).to(decoder.device()))
                    .toDoubles();
            List<double[]> scores = new ArrayList<>();
            int start = 0;
            for (int[] continuation : some) {
                double[] own = Arrays.copyOfRange(losses, start, start + continuation.length);
                scores.add(Arrays.stream(own).map(loss -> -loss).toArray());
                start += continuation.length;
            }
            return scores;
        }
    }

    /** [tokens of all continuations, vocabulary]: each line foretells its token. */
    private Tensor logits(KvCache branches, List<int[]> some) {
        List<int[]> reads = new ArrayList<>();
        for (int row = 0; row < some.size(); row++) {
            int[] next = some.get(row);
            InlayException.require(next.length > 0, "continuation %d has no token; each needs at least one", row);
            int[] whole =
                    IntStream.concat(Arrays.stream(ids), Arrays.stream(next)).toArray();
            branches.expect(row, new Reading(whole, ids.length, null));
            if (!decoder.canContinue(branches, row, next.length)) {
                branches.truncate(row, 0);
                branches.expect(row, new Reading(whole, ids.length, null));
            }
            reads.add(Arrays.copyOfRange(whole, branches.length(row), whole.length - 1));
        }
        Pass pass = Pass.continuing(branches, Rows.of(reads), interventions);
        Pass end = pass.at(IntStream.range(0, some.size())
                .flatMap(row -> {
                    int past = pass.rows().start(row) + pass.rows().length(row);
                    return IntStream.range(past - some.get(row).length, past);
                })
                .toArray());
        return decoder.logits(end.seen(decoder.hidden(pass)), end);
    }

    /** Hash of the logits at the last token. */
    String digest() {
        try (Scope scope = Scope.open();
                KvCache branch = cache.branch(0, ids.length - 1, 1)) {
            return ValueDigest.of(List.of(logits(branch, List.of(new int[] {0}))));
        }
    }
}
