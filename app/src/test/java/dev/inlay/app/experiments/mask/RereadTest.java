package dev.inlay.app.experiments.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.adapter.gate.Trigger;
import dev.inlay.app.experiments.flags.FlagPrompt;
import dev.inlay.app.experiments.flags.FlagRows.FlagRow;
import dev.inlay.app.experiments.flags.Verdict;
import dev.inlay.model.Reading;
import dev.inlay.training.data.Example;
import java.util.List;
import org.junit.jupiter.api.Test;

class RereadTest {
    private final Reread reread = new Reread(Trigger.of(List.of(9, 8)));

    @Test
    void whatStandsBeforeTheTriggerStandsBehindItOnceMore() {
        boolean[] target = {false, false, false, false, false, true, true};
        Example row = reread.of(new Example(new int[] {1, 2, 3, 9, 8, 4, 5}, target, 12));
        assertThat(row.ids()).containsExactly(1, 2, 3, 9, 8, 1, 2, 3, 4, 5);
        assertThat(row.target()).containsExactly(false, false, false, false, false, false, false, false, true, true);
        assertThat(row.line()).isEqualTo(12);
        assertThat(row.given()).isEqualTo(8);
    }

    @Test
    void aPromptGrowsInFrontOfItsFlag() {
        FlagPrompt prompt =
                new FlagPrompt(new Reading(new int[] {1, 2, 9, 8, 4}, 4, null), new int[] {6}, new int[] {7});
        FlagRow row = reread.of(new FlagRow(3, Verdict.FAIL, prompt));
        assertThat(row.prompt().before().ids()).containsExactly(1, 2, 9, 8, 1, 2, 4);
        assertThat(row.prompt().before().given()).isEqualTo(6);
        assertThat(row.truth()).isEqualTo(Verdict.FAIL);
        assertThat(row.prompt().fail()).containsExactly(7);
    }

    @Test
    void aRowWithoutTheTriggerIsRefused() {
        assertThatThrownBy(() -> reread.of(new Example(new int[] {1, 9, 2}, new boolean[3], 1)))
                .hasMessageContaining("without the trigger");
    }
}
