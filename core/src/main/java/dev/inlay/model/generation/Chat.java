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
    private List<Turn> turns = List.of();
    private long answers;

    /** @param ending tokens behind what is said */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Turn(Message message, int[] ending) {
        Turn(Message message) {
            this(message, new int[0]);
        }

        boolean asks() {
            return !message.role().equals(SYSTEM) && !message.role().equals(ASSISTANT);
        }
    }

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
        fork.turns = turns;
        fork.answers = answers;
        return fork;
    }

    /** Who intervenes from the next answer on, in all turns: gates are decided by the render of them all. */
    public void intervene(List<? extends Intervention> others) {
        interventions = List.copyOf(others);
    }

    /** Who intervenes in the next answer. */
    public List<Intervention> interventions() {
        return interventions;
    }

    /** All turns so far, as they were said: without the tokens that ended them. */
    public List<Message> messages() {
        return turns.stream().map(Turn::message).toList();
    }

    /** Goes on from other turns. */
    public void restore(List<Message> messages) {
        turns = messages.stream().map(Turn::new).toList();
    }

    /** Forgets every turn but the system message. */
    public void reset() {
        turns = turns.subList(0, isSystem() ? 1 : 0);
    }

    /** Puts another system message in front of the turns; an empty one takes it away. */
    public void system(String text) {
        List<Turn> changed = new ArrayList<>(turns.subList(isSystem() ? 1 : 0, turns.size()));
        if (!text.isEmpty()) {
            changed.add(0, new Turn(new Message(SYSTEM, text)));
        }
        turns = List.copyOf(changed);
    }

    private boolean isSystem() {
        return !turns.isEmpty() && turns.get(0).message().role().equals(SYSTEM);
    }

    /** Takes back the last turn that asked and what followed it. */
    public void undo() {
        turns = turns.subList(0, lastAsked());
    }

    private int lastAsked() {
        for (int i = turns.size() - 1; i >= 0; i--) {
            if (turns.get(i).asks()) {
                return i;
            }
        }
        throw InlayException.usage("the conversation has no turn of the user yet");
    }

    /** Answers the next turn of the user. */
    public GenerationReport say(String text, GenerationOptions options, GenerationListener listener) {
        return say(new Message(USER, text), new int[0], options, listener);
    }

    /**
     * Answers the next turn.
     *
     * @param turn of the user, or of another role that the template knows
     * @param ending tokens behind what is said, read as such: an adapter's trigger; empty for none. They stay in the
     *     conversation
     */
    public GenerationReport say(Message turn, int[] ending, GenerationOptions options, GenerationListener listener) {
        List<Turn> asked = new ArrayList<>(turns);
        asked.add(new Turn(turn, ending));
        return answer(asked, options, listener);
    }

    /** Answers the last turn that asked again; what followed it is replaced. Draws are others each time. */
    public GenerationReport regenerate(GenerationOptions options, GenerationListener listener) {
        return answer(turns.subList(0, lastAsked() + 1), options, listener);
    }

    private GenerationReport answer(List<Turn> asked, GenerationOptions options, GenerationListener listener) {
        Conversation conversation =
                Conversation.of(asked.stream().map(Turn::message).toList());
        int[] prompt = ChatPrompt.encode(
                tokenizer,
                template,
                conversation,
                asked.stream().map(Turn::ending).toList());
        if (prompt.length > context) {
            throw InlayException.data(
                    "the conversation has %d tokens, the model's context holds %d; undo turns, or reset it",
                    prompt.length, context);
        }
        Sampling sampling = options.sampling();
        GenerationOptions drawn = options.withSampling(sampling.withSeed(sampling.seed() + answers));
        GenerationReport report = row.generate(new Prompt(prompt, interventions), drawn, listener);
        answers++;
        List<Turn> answered = new ArrayList<>(asked);
        answered.add(new Turn(new Message(ASSISTANT, report.rows().get(0).text())));
        turns = List.copyOf(answered);
        return report;
    }

    @Override
    public void close() {
        row.close();
    }
}
