package dev.inlay.model.generation;

import dev.inlay.engine.Scope;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.KvCache;
import dev.inlay.model.Pass;
import dev.inlay.model.Rows;
import java.util.Arrays;
import java.util.List;

/** What all prompts of a request begin with, and nobody intervenes in: the context of a panel of judges. */
final class CommonBeginning {
    /** Below this many tokens spared, a pass of its own costs more. */
    private static final long WORTH = 256;

    private CommonBeginning() {}

    /** Its tokens; 0 where it is not worth a pass of its own. The last token of a prompt is never among them. */
    static int of(Decoder decoder, List<Prompt> prompts) {
        if (prompts.size() < 2) {
            return 0;
        }
        int[] first = prompts.get(0).ids();
        int common = first.length - 1;
        for (Prompt prompt : prompts) {
            int mismatch = Arrays.mismatch(first, prompt.ids());
            common = Math.min(common, Math.min(mismatch < 0 ? first.length : mismatch, prompt.ids().length - 1));
            for (Intervention intervention : prompt.interventions()) {
                common = Math.min(common, intervention.begins(prompt.reading()));
            }
        }
        int shared = common;
        boolean splits = prompts.stream().allMatch(prompt -> decoder.config().canSplit(shared, prompt.ids().length));
        return splits && shared * (prompts.size() - 1L) >= WORTH ? shared : 0;
    }

    /** Reads it by the bare model. */
    static void read(Decoder decoder, KvCache cache, int[] ids, int length, int piece) {
        while (cache.length(0) < length) {
            int end = (int) Math.min(length, (long) cache.length(0) + piece);
            try (Scope scope = Scope.open()) {
                Rows rows = Rows.of(Arrays.copyOfRange(ids, cache.length(0), end));
                decoder.read(Pass.continuing(cache, rows, List.of()));
            }
        }
    }
}
