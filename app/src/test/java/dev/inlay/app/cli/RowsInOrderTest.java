package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.model.generation.FinishReason;
import dev.inlay.model.generation.Generated;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowsInOrderTest {
    private final StringWriter out = new StringWriter();
    private final List<Long> progress = new ArrayList<>();

    private RowsInOrder rows(int count, boolean json) {
        Console console = new Console(
                new PrintWriter(out, true), new PrintWriter(new StringWriter()), () -> json, () -> false, () -> true);
        List<PromptRow> asked = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            asked.add(new PromptRow("prompt " + i, List.of()));
        }
        return new RowsInOrder(asked, console, progress::add);
    }

    private static Generated row(int number) {
        return new Generated(List.of(4, 5), "text " + number, FinishReason.LENGTH, 3);
    }

    private List<String> lines() {
        return out.toString().lines().toList();
    }

    @Test
    void rowIsShownAsSoonAsItAndAllBeforeItHaveEnded() {
        RowsInOrder rows = rows(4, false);
        rows.text(2, "text 2");
        rows.finished(2, row(2));
        rows.finished(1, row(1));
        assertThat(lines()).isEmpty();
        rows.finished(0, row(0));
        assertThat(lines()).containsExactly("text 0", "text 1", "text 2");
        rows.finished(3, row(3));
        assertThat(lines()).hasSize(4).last().isEqualTo("text 3");
        assertThat(progress).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void rowIsALineOfJsonAtOnce() {
        RowsInOrder rows = rows(2, true);
        rows.finished(0, row(0));
        assertThat(lines())
                .containsExactly("{\"prompt\":\"prompt 0\",\"text\":\"text 0\",\"finish\":\"length\","
                        + "\"prompt_tokens\":3,\"tokens\":2}");
    }

    @Test
    void singleTextIsShownWhileItGrows() {
        RowsInOrder rows = rows(1, false);
        rows.text(0, "te");
        assertThat(out.toString()).isEqualTo("te");
        rows.text(0, "xt 0");
        rows.finished(0, row(0));
        assertThat(out.toString()).isEqualTo("text 0" + System.lineSeparator());
    }
}
