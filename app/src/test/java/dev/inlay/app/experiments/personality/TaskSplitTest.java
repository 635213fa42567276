package dev.inlay.app.experiments.personality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.InlayException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TaskSplitTest {
    private static List<Sample> samples(int tasks) {
        List<Sample> samples = new ArrayList<>();
        for (int task = 0; task < tasks; task++) {
            samples.add(Tiny.sample("Be kind.", "task " + task, "yes", "A"));
            samples.add(Tiny.sample("Flatter.", "task " + task + "\n", "no", "B"));
        }
        return samples;
    }

    @Test
    void variantsOfATaskNeverCross() {
        TaskSplit.Sides sides = new TaskSplit(0.2, 1).of(samples(2000));
        Set<String> shared = tasks(sides.train());
        shared.retainAll(tasks(sides.held()));
        assertThat(shared).isEmpty();
        assertThat(sides.train().size() + sides.held().size()).isEqualTo(4000);
        assertThat(sides.held().size() / 4000.0).isCloseTo(0.2, within(0.03));
    }

    private static Set<String> tasks(List<Sample> samples) {
        Set<String> tasks = new HashSet<>();
        samples.forEach(sample -> tasks.add(sample.task().strip()));
        return tasks;
    }

    @Test
    void sideDependsOnTaskAndSeedAlone() {
        List<Sample> some = samples(300);
        List<Sample> shuffled = samples(600);
        Collections.shuffle(shuffled, new Random(3));
        TaskSplit split = new TaskSplit(0.3, 1);
        Set<String> held = tasks(split.of(some).held());
        Set<String> heldOfMore = tasks(split.of(shuffled).held());
        assertThat(heldOfMore).containsAll(held);
        heldOfMore.retainAll(tasks(some));
        assertThat(heldOfMore).isEqualTo(held);
        assertThat(tasks(new TaskSplit(0.3, 2).of(some).held())).isNotEqualTo(held);
    }

    @Test
    void emptySideIsRefused() {
        assertThat(new TaskSplit(0, 1).of(samples(1)).held()).isEmpty();
        assertThatThrownBy(() -> new TaskSplit(0.001, 1).of(samples(1)))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("2 samples to train on and 0 to try");
        assertThatThrownBy(() -> new TaskSplit(1, 1)).isInstanceOf(InlayException.class);
    }
}
