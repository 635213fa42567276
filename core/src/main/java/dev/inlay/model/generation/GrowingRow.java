package dev.inlay.model.generation;

import dev.inlay.model.Intervention;
import dev.inlay.model.Reading;
import dev.inlay.model.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One prompt and what grows from it, until something ends it. */
final class GrowingRow {
    private final int number;
    private final Prompt prompt;
    private final Stops stops;
    private final int limit;
    private final FinishReason atLimit;
    private final GenerationListener listener;
    private final GrowingText text;
    private final BitSet seen = new BitSet();
    private final List<Integer> tokens = new ArrayList<>();
    private @Nullable Generated result;

    /** @param context most positions that the model reads; the last token is chosen and not read */
    GrowingRow(
            int number,
            Prompt prompt,
            int context,
            GenerationOptions options,
            @Nullable Tokenizer tokenizer,
            GenerationListener listener) {
        this.number = number;
        this.prompt = prompt;
        this.stops = options.stops();
        int room = context - prompt.ids().length + 1;
        this.limit = Math.min(options.maxNewTokens(), room);
        this.atLimit = room < options.maxNewTokens() ? FinishReason.CONTEXT : FinishReason.LENGTH;
        this.listener = listener;
        this.text = new GrowingText(tokenizer, prompt.ids(), stops.strings());
        for (int id : prompt.ids()) {
            seen.set(id);
        }
    }

    int[] prompt() {
        return prompt.ids();
    }

    /** By which gates are decided while the prompt is read. */
    Reading reading() {
        return prompt.reading();
    }

    /** By which gates are decided that listen to what grows. */
    Reading grown() {
        return prompt.grown(all());
    }

    List<Intervention> interventions() {
        return prompt.interventions();
    }

    Listening listening() {
        return prompt.listening();
    }

    /** The prompt and what grew from it. */
    int[] all() {
        return IntStream.concat(Arrays.stream(prompt.ids()), tokens.stream().mapToInt(Integer::intValue))
                .toArray();
    }

    int choose(Sampler sampler, float[] logits) {
        return sampler.next(logits, seen, number, tokens.size());
    }

    /** Takes the next token and answers whether the row goes on. */
    boolean take(int token) {
        if (stops.ids().contains(token)) {
            finish(FinishReason.STOP_ID);
            return false;
        }
        tokens.add(token);
        seen.set(token);
        show(text.accept(token));
        if (text.isStopped()) {
            finish(FinishReason.STOP_STRING);
        } else if (tokens.size() == limit) {
            finish(atLimit);
        } else if (!listener.goesOn(number)) {
            finish(FinishReason.STOPPED);
        }
        return result == null;
    }

    private void finish(FinishReason reason) {
        show(text.finish());
        FinishReason seenLast = text.isStopped() ? FinishReason.STOP_STRING : reason;
        result = new Generated(tokens, text.text(), seenLast, prompt.ids().length);
        listener.finished(number, result);
    }

    private void show(String piece) {
        if (!piece.isEmpty()) {
            listener.text(number, piece);
        }
    }

    Generated result() {
        if (result == null) {
            throw new IllegalStateException("row " + number + " still grows");
        }
        return result;
    }
}
