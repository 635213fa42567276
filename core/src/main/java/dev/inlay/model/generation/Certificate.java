package dev.inlay.model.generation;

import static dev.inlay.InlayException.require;

import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.KvCache;
import dev.inlay.model.Pass;
import dev.inlay.model.Reading;
import dev.inlay.model.Rows;
import dev.inlay.model.ValueDigest;
import java.util.List;

/**
 * What the base alone made of the first tokens of a session or row: equal before and after adapters were used, or they were
 * not left alone.
 *
 * @param length of these tokens
 * @param keysAndValues hash of theirs
 * @param logits hash of the base's logits at the last of them, which depend on all
 */
public record Certificate(int length, String keysAndValues, String logits) {
    /**
     * What a pass over a whole row makes of its first tokens.
     *
     * @param length of these, at least 1
     */
    public static Certificate of(Decoder decoder, Reading row, int length, List<? extends Intervention> interventions) {
        require(
                length >= 1 && length <= row.ids().length,
                "a row of %d tokens has no first %d; take at least 1 of its own",
                row.ids().length,
                length);
        try (Scope scope = Scope.open();
                KvCache cache = decoder.newCache(1)) {
            cache.expect(0, row);
            Pass pass = Pass.continuing(cache, Rows.of(row.ids()), interventions);
            Tensor hidden = decoder.hidden(pass);
            Pass last = pass.at(length - 1);
            Tensor logits = decoder.logits(last.seen(hidden), last);
            return new Certificate(length, cache.digest(0, length), ValueDigest.of(List.of(logits)));
        }
    }
}
