package dev.inlay.model.text.bpe;

import dev.inlay.InlayException;
import dev.inlay.model.text.bpe.BytePairs.Merge;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.IntConsumer;

/**
 * Learns merges: again and again the most frequent pair of neighbouring tokens becomes one token.
 *
 * <p>Of pairs equally frequent the one with the smaller left id is taken, then the one with the smaller right id: the rule
 * of {@code BpeTrainer} in the Hugging Face library, whose merges and ids these are. Counts are kept up to date where a
 * merge changes them, and a heap finds the largest; an entry whose count has fallen since is put back with its new count.
 */
public final class BpeTrainer {
    /** A pair, how often it occurred when this was written, and the words that it came into. */
    private record Candidate(long pair, long count, List<Integer> words) {
        static final Comparator<Candidate> ORDER =
                Comparator.comparingLong(Candidate::count).reversed().thenComparingLong(Candidate::pair);
    }

    private final int size;
    private final List<String> tokens = new ArrayList<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final List<Merge> merges = new ArrayList<>();
    private final List<Word> words = new ArrayList<>();
    private final List<Long> frequencies = new ArrayList<>();
    private final Map<Long, Long> counts = new HashMap<>();
    private final PriorityQueue<Candidate> candidates = new PriorityQueue<>(Candidate.ORDER);

    private BpeTrainer(int size, List<String> special) {
        this.size = size;
        special.forEach(this::id);
        for (char each : ByteAlphabet.sorted()) {
            id(String.valueOf(each));
        }
    }

    /**
     * Learns a vocabulary.
     *
     * @param size tokens wanted; fewer where the words have no pair left
     * @param special tokens that get the first ids
     * @param progress gets the number of tokens so far
     */
    public static BytePairs learn(WordCounts counts, int size, List<String> special, IntConsumer progress) {
        BpeTrainer trainer = new BpeTrainer(size, special);
        InlayException.require(
                size >= trainer.tokens.size(),
                "a vocabulary must hold the 256 bytes and %d special tokens, so its size must be at least %d, was %d",
                special.size(),
                trainer.tokens.size(),
                size);
        trainer.read(counts);
        trainer.merge(progress);
        return new BytePairs(trainer.tokens, trainer.merges);
    }

    private int id(String token) {
        return ids.computeIfAbsent(token, unknown -> {
            tokens.add(unknown);
            return tokens.size() - 1;
        });
    }

    private void read(WordCounts read) {
        Map<Long, List<Integer>> places = new TreeMap<>();
        read.spelled().forEach((spelled, frequency) -> {
            Word word = new Word(spelled.chars()
                    .map(character -> id(String.valueOf((char) character)))
                    .toArray());
            int index = words.size();
            words.add(word);
            frequencies.add(frequency);
            for (int at = 0; at + 1 < word.length(); at++) {
                count(word.pair(at), frequency, index, places);
            }
        });
        offer(places);
    }

    private void count(long pair, long by, int word, Map<Long, List<Integer>> places) {
        counts.merge(pair, by, Long::sum);
        if (by > 0) {
            List<Integer> known = places.computeIfAbsent(pair, p -> new ArrayList<>());
            if (known.isEmpty() || known.get(known.size() - 1) != word) {
                known.add(word);
            }
        }
    }

    private void offer(Map<Long, List<Integer>> places) {
        places.forEach((pair, at) -> {
            long count = counts.getOrDefault(pair, 0L);
            if (count > 0) {
                candidates.add(new Candidate(pair, count, at));
            }
        });
    }

    private void merge(IntConsumer progress) {
        while (tokens.size() < size && !candidates.isEmpty()) {
            Candidate top = candidates.remove();
            long now = counts.getOrDefault(top.pair(), 0L);
            if (now != top.count()) {
                candidates.add(new Candidate(top.pair(), now, top.words()));
            } else if (now < 1) {
                return;
            } else {
                apply(top);
                progress.accept(tokens.size());
            }
        }
    }

    private void apply(Candidate best) {
        Merge merge = new Merge(tokens.get(Word.left(best.pair())), tokens.get(Word.right(best.pair())));
        merges.add(merge);
        int made = id(merge.left() + merge.right());
        Map<Long, List<Integer>> places = new TreeMap<>();
        for (int index : best.words()) {
            long frequency = frequencies.get(index);
            words.get(index).merge(best.pair(), made, (pair, by) -> count(pair, by * frequency, index, places));
        }
        offer(places);
    }
}
