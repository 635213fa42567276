package dev.inlay.training.data;

import dev.inlay.InlayException;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Conversation;
import dev.inlay.model.text.Disguise;
import dev.inlay.model.text.Encoded;
import dev.inlay.model.text.Message;
import dev.inlay.model.text.Rendered;
import dev.inlay.model.text.Span;
import dev.inlay.model.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Renders conversations through the model's template and finds the assistant's part.
 *
 * <p><b>Control tokens</b> count only where the template writes them. If a message spells one out, its characters are
 * replaced by as many characters of another kind before rendering ({@link Disguise}); so the template sees text, the
 * control tokens of the render are the template's own, and every place in the render is the place in the real text. What
 * lies between the template's control tokens is then encoded as plain text, in pieces that end where targets begin or
 * end. Conversations without such spelling, nearly all, are encoded whole.
 *
 * <p><b>Targets</b> are the template's {@code generation} blocks. Where it marks none, each turn of the assistant is
 * found by rendering the conversation again with that turn replaced by a character that occurs nowhere: what differs is
 * the turn (or, where the template refuses that, what the turn adds to those before it). It is extended to the left to
 * where the model begins to generate (the end of the generation prompt after the messages before it) and to the right
 * over the control token that ends it. If none ends the last turn, the end-of-text token is appended and learned.
 *
 * <p>A token is a target if any of its characters lies in such a span.
 */
final class ChatEncoder {
    private final Tokenizer tokenizer;
    private final ChatTemplate template;

    ChatEncoder(Tokenizer tokenizer, ChatTemplate template) {
        this.tokenizer = tokenizer;
        this.template = template;
    }

    Example example(Row.ChatRow row) {
        Disguise disguise = new Disguise(row.conversation(), tokenizer);
        Rendered rendered = template.render(disguise.conversation(), false);
        String shown = rendered.text();
        Encoded structure = tokenizer.encodeTemplated(shown);
        boolean marked = !rendered.generated().isEmpty();
        List<Span> spans = marked ? rendered.generated() : turns(disguise, shown, structure);
        boolean open = !marked && tokenizer.eos().isPresent() && isOpen(shown, structure, spans);
        if (open) {
            Span last = spans.remove(spans.size() - 1);
            spans.add(new Span(last.start(), shown.length()));
        }
        Pieces pieces = new Pieces(disguise.restored(shown));
        if (disguise.isNeeded()) {
            addBetween(pieces, structure, spans);
        } else {
            pieces.add(structure);
        }
        return pieces.example(spans, open ? tokenizer.eos() : OptionalInt.empty(), row.line());
    }

    private List<Span> turns(Disguise disguise, String shown, Encoded structure) {
        List<Span> spans = new ArrayList<>();
        Conversation conversation = disguise.conversation();
        String place = String.valueOf(disguise.unused());
        for (int i = 0; i < conversation.messages().size(); i++) {
            if (conversation.messages().get(i).role().equals("assistant")) {
                Span content = content(conversation, i, place, shown);
                int start = generationStart(first(conversation, i), shown, content.start());
                spans.add(new Span(start, turnEnd(shown, structure, withoutEnd(structure, content))));
            }
        }
        return spans;
    }

    private static Conversation first(Conversation conversation, int turns) {
        return conversation.withMessages(conversation.messages().subList(0, turns));
    }

    /** Where a span ends, less a control token that ends it. */
    private int withoutEnd(Encoded structure, Span span) {
        for (int i = 0; i < structure.ids().length; i++) {
            if (structure.ends()[i] == span.end()
                    && structure.starts()[i] > span.start()
                    && tokenizer.isControl(structure.ids()[i])) {
                return structure.starts()[i];
            }
        }
        return span.end();
    }

    /** What differs when the turn says something else. */
    private Span content(Conversation conversation, int turn, String place, String shown) {
        List<Message> without = new ArrayList<>(conversation.messages());
        without.set(turn, new Message("assistant", place));
        String other;
        try {
            other = template.render(conversation.withMessages(without), false).text();
        } catch (InlayException e) {
            return added(conversation, turn, shown);
        }
        int start = samePrefix(shown, other);
        return new Span(start, shown.length() - sameSuffix(shown, other, start));
    }

    /** What the turn adds to the turns before it, for templates that refuse words where tools are called. */
    private Span added(Conversation conversation, int turn, String shown) {
        String before = turn == 0
                ? ""
                : template.render(first(conversation, turn), true).text();
        String after = template.render(first(conversation, turn + 1), false).text();
        if (!shown.startsWith(before) || !shown.startsWith(after) || before.length() > after.length()) {
            throw InlayException.data(
                    "turn %d cannot be found in what the chat template renders; mark what is learned there with"
                            + " {%% generation %%}",
                    turn + 1);
        }
        return new Span(before.length(), after.stripTrailing().length());
    }

    private int generationStart(Conversation before, String shown, int contentStart) {
        if (before.messages().isEmpty()) {
            return contentStart;
        }
        String prompt = template.render(before, true).text();
        return prompt.length() <= contentStart && shown.startsWith(prompt) ? prompt.length() : contentStart;
    }

    /** Past the control token that follows the turn's text, if nothing but white space lies between. */
    private int turnEnd(String shown, Encoded structure, int contentEnd) {
        for (int i = 0; i < structure.ids().length; i++) {
            if (structure.starts()[i] >= contentEnd
                    && tokenizer.isControl(structure.ids()[i])) {
                boolean adjacent =
                        shown.substring(contentEnd, structure.starts()[i]).isBlank();
                return adjacent ? structure.ends()[i] : contentEnd;
            }
        }
        return contentEnd;
    }

    /** Whether the text ends with a turn that no control token ends. */
    private boolean isOpen(String shown, Encoded structure, List<Span> spans) {
        if (spans.isEmpty()) {
            return false;
        }
        int end = spans.get(spans.size() - 1).end();
        return shown.substring(end).isBlank()
                && IntStream.range(0, structure.ids().length)
                        .noneMatch(i -> structure.ends()[i] == end
                                && tokenizer.isControl(structure.ids()[i]));
    }

    /** The template's control tokens, and plain text between them, in pieces that lie in a span or outside of all. */
    private void addBetween(Pieces pieces, Encoded structure, List<Span> spans) {
        int at = 0;
        for (int i = 0; i < structure.ids().length; i++) {
            if (tokenizer.isControl(structure.ids()[i])) {
                addPlain(pieces, at, structure.starts()[i], spans);
                pieces.add(structure.ids()[i], structure.starts()[i], structure.ends()[i]);
                at = structure.ends()[i];
            }
        }
        addPlain(pieces, at, pieces.text.length(), spans);
    }

    private void addPlain(Pieces pieces, int start, int end, List<Span> spans) {
        int[] borders = spans.stream()
                .flatMapToInt(span -> IntStream.of(span.start(), span.end()))
                .filter(at -> at > start && at < end)
                .sorted()
                .toArray();
        int from = start;
        for (int to : borders) {
            pieces.addPlain(tokenizer, from, to);
            from = to;
        }
        pieces.addPlain(tokenizer, from, end);
    }

    private static int samePrefix(String a, String b) {
        int length = Math.min(a.length(), b.length());
        int i = 0;
        while (i < length && a.charAt(i) == b.charAt(i)) {
            i++;
        }
        return i;
    }

    /** Not counting the first {@code taken} characters of either. */
    private static int sameSuffix(String a, String b, int taken) {
        int length = Math.min(a.length(), b.length()) - taken;
        int i = 0;
        while (i < length && a.charAt(a.length() - 1 - i) == b.charAt(b.length() - 1 - i)) {
            i++;
        }
        return i;
    }

    /** Tokens with their places in the text, as they come in. */
    private static final class Pieces {
        private final String text;
        private final IntStream.Builder ids = IntStream.builder();
        private final IntStream.Builder starts = IntStream.builder();
        private final IntStream.Builder ends = IntStream.builder();

        Pieces(String text) {
            this.text = text;
        }

        void add(int id, int start, int end) {
            ids.add(id);
            starts.add(start);
            ends.add(end);
        }

        void add(Encoded all) {
            for (int i = 0; i < all.ids().length; i++) {
                add(all.ids()[i], all.starts()[i], all.ends()[i]);
            }
        }

        void addPlain(Tokenizer tokenizer, int start, int end) {
            for (int id : tokenizer.encodeRaw(text.substring(start, end))) {
                add(id, start, end);
            }
        }

        /** @param end token to append as a target, if any */
        Example example(List<Span> spans, OptionalInt end, int line) {
            int[] from = starts.build().toArray();
            int[] to = ends.build().toArray();
            end.ifPresent(ids);
            int[] all = ids.build().toArray();
            boolean[] target = new boolean[all.length];
            for (int i = 1; i < from.length; i++) {
                int start = from[i];
                int stop = to[i];
                target[i] = spans.stream().anyMatch(span -> start < span.end() && stop > span.start());
            }
            if (end.isPresent()) {
                target[all.length - 1] = true;
            }
            return new Example(all, target, line);
        }
    }
}
