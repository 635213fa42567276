package dev.inlay.app.experiments.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class GrammarPageTest {
    /** To mend: {@code ./inlay world grammar > docs/guide/world-grammar.md}. */
    @Test
    void pageOfTheGuideIsThePresentGrammar() throws IOException {
        Path page = Path.of("..", "docs", "guide", "world-grammar.md");
        assertThat(Files.readString(page)).isEqualTo(GrammarPage.markdown());
    }

    @Test
    void weightsBecomeProbabilities() {
        assertThat(GrammarPage.probabilities("# remark\nrule:\n  -3 a\n  - b\nother:\n  - c\n"))
                .containsExactly("rule:", "  0.750 a", "  0.250 b", "other:", "  1.000 c");
    }
}
