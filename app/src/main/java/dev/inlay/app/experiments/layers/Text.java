package dev.inlay.app.experiments.layers;

import dev.inlay.InlayException;
import dev.inlay.engine.Randomness;
import dev.inlay.model.text.Tokenizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The tokens of a text that a study reads.
 *
 * @param name of the text
 * @param ids the first tokens of the text
 * @param whole number of tokens of all of it
 * @param fixed tokens at the beginning that no control moves: 1 where the model's texts begin with a token of their own
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
public record Text(String name, int[] ids, int whole, int fixed) {
    /** Fewer than these have no median worth the name without their first. */
    private static final int LEAST = 4;

    /** What is read where no text is given. */
    public static final String USUAL = """
            In the morning the baker opened the window and looked at the street. A cat was asleep on the warm stone, and two \
            children ran past it with a red kite. The wind was strong that day. It took the kite above the roofs, over the \
            market and the old bridge, until nobody could see it. "It will come back," said the baker, but the children did \
            not believe him. They asked the woman who sold apples, the man who mended shoes, and the girl who fed the ducks. \
            The woman had seen nothing. The man had heard something fall. The girl pointed at the tallest tree by the river: \
            there it was, red between the leaves. They climbed, first the girl, then the boy, then the cat. In the evening \
            they all ate bread and apples on the warm stone, and the kite lay beside them with a torn wing.""";

    /**
     * Encodes the beginning of a text.
     *
     * @param most tokens to read
     * @throws InlayException if there are fewer than four
     */
    public static Text of(String name, String text, Tokenizer tokenizer, int most) {
        int[] all = tokenizer.encode(text);
        InlayException.require(most >= LEAST, "at least %d tokens are needed, asked for %d", LEAST, most);
        if (all.length < LEAST) {
            throw InlayException.data(
                    "%s: holds %d tokens, at least %d are needed; give a longer text", name, all.length, LEAST);
        }
        boolean begins = tokenizer.bos().isPresent() && tokenizer.bos().getAsInt() == all[0];
        return new Text(name, Arrays.copyOf(all, Math.min(most, all.length)), all.length, begins ? 1 : 0);
    }

    /** The same tokens in another order. */
    int[] shuffled(long seed) {
        SplittableRandom random = new SplittableRandom(Randomness.derive(seed, 0));
        int[] shuffled = ids.clone();
        for (int i = shuffled.length - 1; i > fixed; i--) {
            int j = fixed + random.nextInt(i - fixed + 1);
            int kept = shuffled[i];
            shuffled[i] = shuffled[j];
            shuffled[j] = kept;
        }
        return shuffled;
    }

    /** The most frequent token, the first of equal ones, all the way. */
    int[] repeated() {
        Map<Integer, Integer> counts = new HashMap<>();
        int most = ids[fixed];
        for (int i = fixed; i < ids.length; i++) {
            counts.merge(ids[i], 1, Integer::sum);
        }
        for (int i = fixed; i < ids.length; i++) {
            most = counts.getOrDefault(ids[i], 0) > counts.getOrDefault(most, 0) ? ids[i] : most;
        }
        int[] repeated = ids.clone();
        Arrays.fill(repeated, fixed, repeated.length, most);
        return repeated;
    }
}
