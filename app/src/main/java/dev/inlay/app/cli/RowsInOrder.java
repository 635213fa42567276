package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.model.generation.Generated;
import dev.inlay.model.generation.GenerationListener;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Shows what came of prompts in their order, each as soon as it and all before it have ended; a single text already while
 * it grows. With {@code --json} each is an object on a line of its own: {@code prompt}, {@code adapters} (left out where
 * there are none), {@code text}, {@code finish}, {@code prompt_tokens}, {@code tokens}.
 */
final class RowsInOrder implements GenerationListener {
    private final List<PromptRow> asked;
    private final Console console;
    private final LongConsumer progress;
    private final Map<Integer, Generated> waiting = new HashMap<>();
    private int shown;

    /** @param progress is told how many have ended, whether shown yet or not */
    RowsInOrder(List<PromptRow> asked, Console console, LongConsumer progress) {
        this.asked = asked;
        this.console = console;
        this.progress = progress;
    }

    @Override
    public void text(int row, String piece) {
        if (isSingle() && !console.isJson()) {
            console.piece(piece);
        }
    }

    @Override
    public void finished(int row, Generated result) {
        waiting.put(row, result);
        progress.accept(shown + waiting.size());
        while (waiting.containsKey(shown)) {
            show(asked.get(shown), waiting.remove(shown));
            shown++;
        }
    }

    private boolean isSingle() {
        return asked.size() == 1;
    }

    private void show(PromptRow row, Generated result) {
        console.result(isSingle() ? "" : result.text());
        console.result(json(row, result));
    }

    private static ObjectNode json(PromptRow row, Generated result) {
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        object.put("prompt", row.text());
        row.adapters()
                .forEach(use -> object.withArray("adapters").add(use.place().toString()));
        object.put("text", result.text());
        object.put("finish", result.reason().name().toLowerCase(Locale.ROOT));
        object.put("prompt_tokens", result.promptTokens());
        object.put("tokens", result.tokens().size());
        return object;
    }
}
