package dev.inlay.app.experiments.flags;

import dev.inlay.InlayException;
import dev.inlay.model.text.Conversation;
import dev.inlay.model.text.Message;
import dev.inlay.training.data.Dataset;
import dev.inlay.training.data.Encoder;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Limit;
import dev.inlay.training.data.Overflow;
import dev.inlay.training.data.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Conversations whose last turn is the assistant's and ends in a line {@code FLAG: PASS} or {@code FLAG: FAIL}, and rows of
 * tokens whose last learned run ends so.
 *
 * @param list in file order
 * @param unflagged rows without such an end
 * @param tooLong rows that were dropped because they are over the limit
 */
public record FlagRows(List<FlagRow> list, int unflagged, int tooLong) {
    static final String FLAG = "FLAG: ";

    public FlagRows {
        list = List.copyOf(list);
    }

    /**
     * A row to score.
     *
     * @param line in its file
     * @param truth PASS or FAIL
     */
    public record FlagRow(int line, Verdict truth, FlagPrompt prompt) {}

    public List<FlagPrompt> prompts() {
        return list.stream().map(FlagRow::prompt).toList();
    }

    /**
     * Encodes all rows as in training, up to their flags.
     *
     * @throws InlayException if a row cannot be encoded, is too long under any policy but drop, or no row is left
     */
    public static FlagRows of(Dataset data, Encoder encoder, Given given, Limit limit) {
        List<FlagRow> rows = new ArrayList<>();
        int unflagged = 0;
        int tooLong = 0;
        for (Row row : data.rows()) {
            Optional<FlagRow> flagged = flagged(data.name(), row, encoder, given);
            if (flagged.isEmpty()) {
                unflagged++;
            } else if (fits(data.name(), flagged.get(), limit)) {
                rows.add(flagged.get());
            } else {
                tooLong++;
            }
        }
        if (rows.isEmpty()) {
            throw InlayException.data(
                    "%s: expected messages whose last turn is the assistant's, or ids whose last learned run, and a line"
                            + " FLAG: PASS or FLAG: FAIL at its end;"
                            + " of %d rows %d end otherwise and %d are too long",
                    data.name(), data.size(), unflagged, tooLong);
        }
        return new FlagRows(rows, unflagged, tooLong);
    }

    private static Optional<FlagRow> flagged(String name, Row row, Encoder encoder, Given given) {
        if (row instanceof Row.TokenRow tokens) {
            return TokenFlag.of(name, tokens, encoder, given);
        }
        if (!(row instanceof Row.ChatRow chat)) {
            return Optional.empty();
        }
        List<Message> messages = chat.conversation().messages();
        Message last = messages.get(messages.size() - 1);
        String turn = last.content().stripTrailing();
        for (Verdict verdict : List.of(Verdict.PASS, Verdict.FAIL)) {
            String end = FLAG + verdict;
            String review = turn.substring(0, Math.max(0, turn.length() - end.length()));
            if (last.role().equals("assistant") && turn.equals(review + end) && isLine(review)) {
                Example pass = example(name, chat, encoder, given.before(review) + FLAG + Verdict.PASS);
                Example fail = example(name, chat, encoder, given.before(review) + FLAG + Verdict.FAIL);
                return Optional.of(new FlagRow(row.line(), verdict, FlagPrompt.of(pass, fail)));
            }
        }
        return Optional.empty();
    }

    private static boolean isLine(String before) {
        return before.isEmpty() || before.endsWith("\n");
    }

    private static Example example(String name, Row.ChatRow chat, Encoder encoder, String turn) {
        Conversation conversation = chat.conversation();
        List<Message> messages = new ArrayList<>(conversation.messages());
        messages.set(messages.size() - 1, new Message("assistant", turn));
        return encoder.example(name, new Row.ChatRow(chat.line(), conversation.withMessages(messages)));
    }

    private static boolean fits(String name, FlagRow row, Limit limit) {
        if (row.prompt().length() <= limit.tokens() || limit.overflow() == Overflow.DROP) {
            return row.prompt().length() <= limit.tokens();
        }
        throw InlayException.data(
                "%s line %d: %,d tokens before the flag, but the limit is %,d; raise the limit or drop such rows"
                        + " (overflow: drop): a part of a row does not have its flag",
                name, row.line(), row.prompt().length(), limit.tokens());
    }
}
