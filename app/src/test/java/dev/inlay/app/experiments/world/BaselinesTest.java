package dev.inlay.app.experiments.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Labels can be learned, but a bag of words does not tell those that it must not tell. */
class BaselinesTest {
    private static final int TEXTS = 1000;

    @Test
    void wordsTellTopicAndReadableKey() {
        assertThat(Baselines.measure(LabelTask.TOPIC, TEXTS).accuracy().mean()).isBetween(0.85, 0.995);
        assertThat(Baselines.measure(LabelTask.KEY_READ, TEXTS).accuracy().mean())
                .isGreaterThan(0.99);
    }

    @Test
    void wordsTellSentimentInPart() {
        assertThat(Baselines.measure(LabelTask.SENTIMENT, TEXTS).accuracy().mean())
                .isBetween(0.45, 0.75);
    }

    @Test
    void wordsDoNotTellTheComputedKey() {
        Baselines.Result result = Baselines.measure(LabelTask.KEY_COMPUTED, TEXTS);
        assertThat(result.classes()).isEqualTo(4);
        assertThat(result.accuracy().mean()).isCloseTo(0.25, within(0.04));
    }

    @Test
    void wordsDoNotTellTheHiddenFlaw() {
        Baselines.Result result = Baselines.measure(LabelTask.KEY_HIDDEN, TEXTS);
        assertThat(result.accuracy().mean()).isLessThan(result.most() + 0.03);
    }

    /** Chance above is not a learner that learns nothing. */
    @Test
    void learnerFindsALabelThatOneWordTells() {
        List<String> texts = new ArrayList<>();
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            texts.add(i % 2 == 0 ? "yes and no" : "no and no");
            labels.add(i % 2 == 0 ? "told" : "untold");
        }
        BagOfWords bag = new BagOfWords(texts);
        SoftmaxRegression model =
                SoftmaxRegression.fit(texts.stream().map(bag::counts).toList(), labels, 0);
        assertThat(model.predict(bag.counts("no, no!"))).isEqualTo("untold");
        assertThat(model.predict(bag.counts("Yes and unknown"))).isEqualTo("told");
    }
}
