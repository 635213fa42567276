package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.inlay.app.experiments.world.GrammarPage;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code inlay world grammar}: the grammar of the small world. */
@Command(name = "grammar", description = "Print the grammar of the small world with probabilities and floors.")
final class WorldGrammarCommand implements Callable<Integer> {
    private final Console console;

    WorldGrammarCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        String page = GrammarPage.markdown();
        page.lines().forEach(console::result);
        console.result(TextNode.valueOf(page));
        return 0;
    }
}
