package dev.inlay.model.generation;

import dev.inlay.InlayException;
import dev.inlay.model.Intervention;
import dev.inlay.model.text.ChatPrompt;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Conversation;
import dev.inlay.model.text.Message;
import dev.inlay.model.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * A conversation that goes on. Each answer is asked for by the template's render of all turns; keys and values of what
 * did not change since the last answer are kept ({@link KeptRow}).
 *
 * <p>A turn that fails leaves the conversation as it was. Owns native memory: close it. Not for use by two threads at
 * once.
 */
public final class Chat implements AutoCloseable {
    private static final String SYSTEM = "system";
    private static final String USER = "user";
    private static final String ASSISTANT = "assistant";

    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final KeptRow row;
    private final int context;
    private List<Intervention> interventions;
    private List<Message> messages = List.of();
    private long answers;

    private Chat(
            Tokenizer tokenizer, ChatTemplate template, KeptRow row, int context, List<Intervention> interventions) {
        this.interventions = interventions;
        this.tokenizer = tokenizer;
        this.template = template;
        this.row = row;
        this.context = context;
    }

    /** A conversation without a turn. */
    public static Chat of(Generator generator, Tokenizer tokenizer, ChatTemplate template) {
        return new Chat(tokenizer, template, generator.keptRow(), generator.contextLength(), generator.interventions());
    }

    /** Another conversation with the same turns, which it shares with this one; each then goes on by itself. */
    public Chat fork() {
        Chat fork = new Chat(tokenizer, template, row.fork(), context, interventions);
        fork.messages = messages;
        fork.answers = answers;
        return fork;
    }

    /** Who intervenes from the next answer on, in all turns: gates are decided by the render of them all. */
    public void intervene(List<? extends Intervention> others) {
        interventions = List.copyOf(others);
    }

    /** All turns so far. */
    public List<Message> messages() {
        return messages;
    }

    /** Goes on from other turns. */
    public void restore(List<Message> turns) {
        messages = List.copyOf(turns);
    }

    /** Forgets every turn but the system message. */
    public void reset() {
        messages = messages.subList(0, isSystem() ? 1 : 0);
    }

    /** Puts another system message in front of the turns; an empty one takes it away. */
    public void system(String text) {
        List<Message> changed = new ArrayList<>(messages.subList(isSystem() ? 1 : 0, messages.size()));
        if (!text.isEmpty()) {
            changed.add(0, new Message(SYSTEM, text));
        }
        messages = List.copyOf(changed);
    }

    private boolean isSystem() {
        return !messages.isEmpty() && messages.get(0).role().equals(SYSTEM);
    }

    /** Takes back the user's last turn and what followed it. */
    public void undo() {
        messages = messages.subList(0, lastUser());
    }

    private int lastUser() {
        for (int i = messages.size() - 1; i >= 0; i--) {
            if (messages.get(i).role().equals(USER)) {
                return i;
            }
        }
        throw InlayException.usage("the conversation has no turn of the user yet");
    }

    /** Answers the next turn of the user. */
    public GenerationReport say(String text, GenerationOptions options, GenerationListener listener) {
        List<Message> asked = new ArrayList<>(messages);
        asked.add(new Message(USER, text));
        return answer(asked, options, listener);
    }

    /** Answers the user's last turn again; what followed it is replaced. Draws are others each time. */
    public GenerationReport regenerate(GenerationOptions options, GenerationListener listener) {
        return answer(messages.subList(0, lastUser() + 1), options, listener);
    }

    private GenerationReport answer(List<Message> asked, GenerationOptions options, GenerationListener listener) {
        int[] prompt = ChatPrompt.encode(tokenizer, template, Conversation.of(asked));
        if (prompt.length > context) {
            throw InlayException.data(
                    "the conversation has %d tokens, the model's context holds %d; undo turns, or reset it",
                    prompt.length, context);
        }
        Sampling sampling = options.sampling();
        GenerationOptions drawn = options.withSampling(sampling.withSeed(sampling.seed() + answers));
        GenerationReport report = row.generate(new Prompt(prompt, interventions), drawn, listener);
        answers++;
        List<Message> answered = new ArrayList<>(asked);
        answered.add(new Message(ASSISTANT, report.rows().get(0).text()));
        messages = List.copyOf(answered);
        return report;
    }

    @Override
    public void close() {
        row.close();
    }
}
