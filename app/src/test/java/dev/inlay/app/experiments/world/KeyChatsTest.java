package dev.inlay.app.experiments.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.app.experiments.world.KeyChats.Answer;
import dev.inlay.training.data.Row;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyChatsTest {
    private static List<Row> rows(List<Answer> answers) {
        return KeyChats.of(Register.KEY_READ, Split.TRAIN, 3, 20, answers).rows();
    }

    /** The review names the seal that the system message states, and ends in the flag that stands alone in the other answer. */
    @Test
    void eachChatHasEveryAnswer() {
        List<Row> both = rows(List.of(Answer.FLAG, Answer.REVIEW));
        assertThat(both).hasSize(40);
        for (int i = 0; i < both.size(); i += 2) {
            List<String> flag = both.get(i).texts();
            List<String> review = both.get(i + 1).texts();
            int last = flag.size() - 1;
            assertThat(review.subList(0, last)).isEqualTo(flag.subList(0, last));
            assertThat(flag.get(last)).matches("FLAG: (PASS|FAIL)");
            String seal = flag.get(0).replaceAll("(?s).*The seal of the shop is (\\w+)\\..*", "$1");
            assertThat(review.get(last)).contains(seal).endsWith("\n" + flag.get(last));
        }
        assertThat(rows(List.of(Answer.FLAG)).get(7).texts())
                .isEqualTo(both.get(14).texts());
    }

    @Test
    void anAnswerThatDoesNotExistIsWrongUsage() {
        assertThat(Answer.named("review")).isEqualTo(Answer.REVIEW);
        assertThatThrownBy(() -> Answer.named("essay")).hasMessageContaining("choose from [flag, review]");
    }
}
