package dev.inlay.app.experiments.world;

import dev.inlay.app.experiments.world.Step.Question;

/**
 * A world is its facts, and each fact is a function of the world's number, the subject and the relation: nothing is
 * stored, and the same question always has the same answer. Over all worlds, every answer is equally likely and answers
 * to different questions are independent.
 */
record World(long id) {
    /** The answer, as an index below {@code choices}. */
    int answer(Question question, int choices) {
        long hash = id;
        String text = question.subject() + "|" + question.relation();
        for (int i = 0; i < text.length(); i++) {
            hash = mix(hash ^ text.charAt(i));
        }
        return (int) Long.remainderUnsigned(hash, choices);
    }

    /** A one-to-one scrambling of 64 bits: the output function of SplitMix64 (Steele, Lea, Flood 2014). */
    static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
