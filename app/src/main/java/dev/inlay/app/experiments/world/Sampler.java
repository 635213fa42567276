package dev.inlay.app.experiments.world;

import dev.inlay.model.text.Message;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Derives one text by chance, in a world. */
final class Sampler {
    private final World world;
    private final SplittableRandom random;
    private final StringBuilder text = new StringBuilder();
    private final Map<String, List<String>> labels = new TreeMap<>();
    private final Map<Kind, Double> nats = new EnumMap<>(Kind.class);
    private final List<Integer> turns = new ArrayList<>();

    private Sampler(World world, SplittableRandom random) {
        this.world = world;
        this.random = random;
    }

    static Document draw(Grammar grammar, Node root, World world, SplittableRandom random) {
        Sampler sampler = new Sampler(world, random);
        for (State state = State.start(root); state.ahead() != null; ) {
            state = sampler.next(state.step(grammar));
        }
        return sampler.document();
    }

    private State next(Step step) {
        if (step instanceof Step.Branch branch) {
            return take(branch);
        }
        if (step instanceof Step.Emit emit) {
            text.append(emit.text());
        } else if (step instanceof Step.Note note) {
            if (note.label().equals(Document.TURN)) {
                turns.add(text.length());
            }
            labels.computeIfAbsent(note.label(), name -> new ArrayList<>()).add(note.value());
        }
        return step.only();
    }

    private State take(Step.Branch branch) {
        int size = branch.chances().size();
        int chosen = branch.question() != null
                ? world.answer(branch.question(), size)
                : size == 1 ? 0 : chosen(branch.chances());
        nats.merge(branch.kind(), -Math.log(branch.chances().get(chosen)), Double::sum);
        return branch.option().apply(chosen);
    }

    private int chosen(List<Double> chances) {
        double left = random.nextDouble();
        for (int i = 0; i < chances.size() - 1; i++) {
            left -= chances.get(i);
            if (left < 0) {
                return i;
            }
        }
        return chances.size() - 1;
    }

    private Document document() {
        List<String> roles = labels.getOrDefault(Document.TURN, List.of());
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < roles.size(); i++) {
            int start = turns.get(i) + Document.header(roles.get(i)).length();
            int end = i + 1 < roles.size() ? turns.get(i + 1) : text.length();
            messages.add(new Message(roles.get(i), text.substring(start, end)));
        }
        labels.remove(Document.TURN);
        return new Document(text.toString(), messages, labels, nats, world);
    }
}
