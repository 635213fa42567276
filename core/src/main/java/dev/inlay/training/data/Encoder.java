package dev.inlay.training.data;

import dev.inlay.InlayException;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Turns rows into token ids and a loss mask.
 *
 * <ul>
 *   <li>Text: as the model expects it, the end-of-text token appended; every token is a target but the first, which
 *       nothing predicts (and which usually is the begin-of-text token).
 *   <li>Prompt and completion: tokenised as one text, end-of-text appended. Targets are all tokens from the first one
 *       that the prompt alone does not have; a token that spans the border is one.
 *   <li>Tokens: as they are.
 *   <li>Messages: see {@link ChatEncoder}.
 * </ul>
 *
 * <p>Nothing that a row says becomes a control token: their spelling in a text stays text.
 */
public final class Encoder {
    private final Tokenizer tokenizer;
    private final @Nullable ChatEncoder chat;
    private final LossOn lossOn;

    private Encoder(Tokenizer tokenizer, @Nullable ChatEncoder chat, LossOn lossOn) {
        this.tokenizer = tokenizer;
        this.chat = chat;
        this.lossOn = lossOn;
    }

    /** For a model without a chat template: rows of messages are refused. */
    public static Encoder plain(Tokenizer tokenizer, LossOn lossOn) {
        return new Encoder(tokenizer, null, lossOn);
    }

    public static Encoder chat(Tokenizer tokenizer, ChatTemplate template, LossOn lossOn) {
        return new Encoder(tokenizer, new ChatEncoder(tokenizer, template), lossOn);
    }

    /**
     * One row, however long; it has no target if it says nothing to learn.
     *
     * @param name of the file, for messages
     * @throws InlayException naming the line, if the row cannot be encoded
     */
    public Example example(String name, Row row) {
        try {
            return encoded(row).from(Origin.of(name, row));
        } catch (InlayException e) {
            throw e.at(name + " line " + row.line());
        }
    }

    private Example encoded(Row row) {
        if (row instanceof Row.TextRow text) {
            return text(text);
        }
        if (row instanceof Row.TokenRow tokens) {
            return tokens(tokens);
        }
        return row instanceof Row.CompletionRow pair ? completion(pair) : conversation((Row.ChatRow) row);
    }

    /** The tokens of a text that stands within a row by itself: nothing is put before or behind it. */
    public int[] within(String text) {
        return tokenizer.encodeRaw(text);
    }

    private Example text(Row.TextRow row) {
        return row.text().isEmpty()
                ? new Example(new int[0], new boolean[0], row.line())
                : learned(ended(ids(row.text())), 1, row.line());
    }

    private Example tokens(Row.TokenRow row) {
        int[] ids = row.ids();
        tokenizer.requireIds(ids);
        Example all = learned(ids, 1, row.line());
        boolean[] target = row.learned().isEmpty() || lossOn == LossOn.ALL ? all.target() : new boolean[ids.length];
        row.learned().forEach(run -> Arrays.fill(target, run.start(), run.end(), true));
        Example example = new Example(ids, target, row.line(), row.segments());
        return lossOn == LossOn.LAST ? example.lastResponse() : example;
    }

    private Example conversation(Row.ChatRow row) {
        if (chat == null) {
            throw InlayException.data("messages need a chat template, and this model directory has none; write rows of"
                    + " prompt and completion, or add its chat_template.jinja");
        }
        Example example = chat.example(row);
        return switch (lossOn) {
            case COMPLETION -> example;
            case LAST -> example.lastResponse();
            case ALL -> learned(example.ids(), 1, row.line());
        };
    }

    private int[] ids(String text) {
        List<String> blocks = blocks(text, Tokenizer.LONGEST_TEXT);
        int[] first = tokenizer.encode(blocks.get(0));
        if (blocks.size() == 1) {
            return first;
        }
        return IntStream.concat(
                        Arrays.stream(unended(first)),
                        blocks.stream().skip(1).flatMapToInt(block -> Arrays.stream(tokenizer.encodeRaw(block))))
                .toArray();
    }

    /** A text too long for one call of the tokenizer, in blocks that end at line ends where they can. */
    static List<String> blocks(String text, int longest) {
        List<String> blocks = new ArrayList<>();
        int start = 0;
        while (text.length() - start > longest) {
            int end = text.lastIndexOf('\n', start + longest - 1) + 1;
            if (end <= start) {
                end = start + longest - (Character.isLowSurrogate(text.charAt(start + longest)) ? 1 : 0);
            }
            blocks.add(text.substring(start, end));
            start = end;
        }
        blocks.add(text.substring(start));
        return blocks;
    }

    private Example completion(Row.CompletionRow row) {
        int[] prompt = tokenizer.encode(row.prompt());
        int[] all = ended(tokenizer.encode(row.prompt() + row.completion()));
        int same = Arrays.mismatch(prompt, all);
        int first = lossOn == LossOn.ALL ? 1 : same < 0 ? all.length : same;
        return learned(all, first, row.line());
    }

    private int[] unended(int[] ids) {
        return isEnded(ids) ? Arrays.copyOf(ids, ids.length - 1) : ids;
    }

    private boolean isEnded(int[] ids) {
        OptionalInt end = tokenizer.eos();
        return end.isPresent() && ids.length > 0 && ids[ids.length - 1] == end.getAsInt();
    }

    private int[] ended(int[] ids) {
        OptionalInt end = tokenizer.eos();
        if (end.isEmpty() || isEnded(ids)) {
            return ids;
        }
        int[] longer = Arrays.copyOf(ids, ids.length + 1);
        longer[ids.length] = end.getAsInt();
        return longer;
    }

    /** All tokens from {@code first} on are targets. */
    private static Example learned(int[] ids, int first, int line) {
        boolean[] target = new boolean[ids.length];
        Arrays.fill(target, Math.min(Math.max(first, 1), ids.length), ids.length, true);
        return new Example(ids, target, line);
    }
}
