package dev.inlay.app.experiments.personality;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import dev.inlay.app.experiments.flags.FlagPrompt;
import dev.inlay.app.experiments.flags.Verdict;
import dev.inlay.model.Segments;
import dev.inlay.model.text.ChatPrompt;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Conversation;
import dev.inlay.model.text.Disguise;
import dev.inlay.model.text.Message;
import dev.inlay.model.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Writes samples as tokens in one layout.
 *
 * <p>Headers and ends of turns are those of the model's chat template, found by rendering a turn that says one private-use
 * character. Intervention, review and flag are tokenised one by one and joined, as published; nothing that they say becomes a
 * control token. A system prompt is a message of its own; where the template shows none, it stands before the task, between
 * two tags.
 */
public final class PersonalityEncoder {
    private static final String INTERVENTION = " INTERVENTION: ";
    private static final String REVIEW = "\n\nREVIEW:";
    private static final String FLAG = "\nFLAG: ";
    private static final String SYSTEM_TAG = "<SYSTEM> ";
    /** A private-use character, which no template writes by itself. */
    private static final String PROBE = "\uE000";

    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final Layout layout;
    private final int token;
    private final boolean systemRole;

    /** @param token id of a control token that calls the second personality; its embedding is the model's own */
    public PersonalityEncoder(Tokenizer tokenizer, ChatTemplate template, Layout layout, int token) {
        require(
                token >= 0 && tokenizer.isControl(token),
                "the token that calls the second personality must be a control token of the model, %d is none",
                token);
        this.tokenizer = tokenizer;
        this.template = template;
        this.layout = layout;
        this.token = token;
        this.systemRole = showsSystem(template);
    }

    /**
     * One sample.
     *
     * @throws InlayException if the template does not show the turns as they are
     */
    public PersonalityRow row(Sample sample) {
        Disguise disguise = new Disguise(Conversation.of(turns(sample)), tokenizer);
        String mark = String.valueOf(disguise.unused());
        Turn answer = turn(disguise.conversation(), mark);
        int[] intervention = tokenizer.encodeRaw(INTERVENTION + sample.intervention());
        int[] review = sample.review().isEmpty() ? new int[0] : tokenizer.encodeRaw(REVIEW + sample.review());
        int[] flag = tokenizer.encodeRaw(FLAG + sample.verdict());
        Row row = new Row();
        switch (layout) {
            case HP -> {
                row.boundary(encoded(disguise, answer.open()));
                row.add(new int[] {token}, intervention);
                row.finish(review, flag, ended(answer.end()));
            }
            case UP -> {
                Turn asked = asked(disguise.conversation(), mark, false);
                row.boundary(encoded(disguise, asked.open()));
                row.add(new int[] {token}, intervention);
                row.finish(review, flag, ended(asked.end()));
            }
            case UR -> {
                Turn asked = asked(disguise.conversation(), mark, true);
                row.boundary(encoded(disguise, asked.open()));
                row.add(intervention, templated(asked.end()), new int[] {token});
                row.finish(review, flag, ended(answer.end()));
            }
        }
        return row.finished();
    }

    /**
     * One sample up to its flag.
     *
     * @param gate which of the row's gates holds where gates are stated by their rows
     */
    public FlagPrompt prompt(Sample sample, Function<PersonalityRow, Segments> gate) {
        PersonalityRow pass = row(sample.with(Verdict.PASS));
        PersonalityRow fail = row(sample.with(Verdict.FAIL));
        return FlagPrompt.of(pass.example(0, gate.apply(pass)), fail.example(0, gate.apply(fail)));
    }

    private List<Message> turns(Sample sample) {
        Message answer = new Message("assistant", sample.answer());
        return systemRole
                ? List.of(new Message("system", sample.system()), new Message("user", sample.task()), answer)
                : List.of(new Message("user", SYSTEM_TAG + sample.system() + SYSTEM_TAG + sample.task()), answer);
    }

    private static boolean showsSystem(ChatTemplate template) {
        Conversation probe = Conversation.of(new Message("system", PROBE), new Message("user", "a"));
        try {
            return template.render(probe, false).text().contains(PROBE);
        } catch (InlayException e) {
            return false; // it refuses the role
        }
    }

    /** A render up to the end of what a turn says, and what follows. */
    private record Turn(String open, String end) {}

    /** The last turn of a conversation. */
    private Turn turn(Conversation conversation, String mark) {
        List<Message> other = new ArrayList<>(conversation.messages());
        other.set(other.size() - 1, new Message("assistant", mark));
        Turn marked = marked(conversation.withMessages(other), mark, false);
        String shown = template.render(conversation, false).text();
        if (!shown.startsWith(marked.open())
                || !shown.endsWith(marked.end())
                || shown.length() < marked.open().length() + marked.end().length()) {
            throw InlayException.data("the chat template shows what is around an answer depending on the answer;"
                    + " the end of one cannot be found");
        }
        return new Turn(shown.substring(0, shown.length() - marked.end().length()), marked.end());
    }

    /** A further turn of the user that says nothing. */
    private Turn asked(Conversation conversation, String mark, boolean answerFollows) {
        List<Message> longer = new ArrayList<>(conversation.messages());
        longer.add(new Message("user", mark));
        return marked(conversation.withMessages(longer), mark, answerFollows);
    }

    private Turn marked(Conversation conversation, String mark, boolean answerFollows) {
        String shown = template.render(conversation, answerFollows).text();
        int at = shown.lastIndexOf(mark);
        if (at < 0) {
            throw InlayException.data(
                    "the chat template does not show the turns of system, user and assistant in order");
        }
        return new Turn(shown.substring(0, at), shown.substring(at + mark.length()));
    }

    private int[] encoded(Disguise disguise, String shown) {
        return ChatPrompt.encode(tokenizer, disguise, shown);
    }

    private int[] templated(String shown) {
        return tokenizer.encodeTemplated(shown).ids();
    }

    /** What ends a turn; the end-of-text token where the template ends none. */
    private int[] ended(String end) {
        int[] ids = templated(end);
        return ids.length > 0 || tokenizer.eos().isEmpty()
                ? ids
                : new int[] {tokenizer.eos().getAsInt()};
    }

    /** Ids as they come in, and the places among them. */
    private static final class Row {
        private int[] ids = new int[0];
        private int boundary;
        private int review;
        private int end;

        void boundary(int[] prefix) {
            add(prefix);
            boundary = ids.length;
        }

        void add(int[]... pieces) {
            for (int[] piece : pieces) {
                ids = IntStream.concat(Arrays.stream(ids), Arrays.stream(piece)).toArray();
            }
        }

        void finish(int[] reviewed, int[] flag, int[] closing) {
            review = ids.length;
            add(reviewed, flag);
            end = ids.length;
            add(closing);
        }

        PersonalityRow finished() {
            if (end == ids.length) {
                throw InlayException.data("neither the chat template nor the tokenizer says how a turn ends");
            }
            return new PersonalityRow(ids, boundary, review, end);
        }
    }
}
