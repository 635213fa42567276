package dev.inlay.app.experiments.world;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The expected surprise of a derivation in nats, exactly, by kind of choice:
 *
 * <pre>H(state) = sum over options of chance * (-log chance + H(state behind the option))</pre>
 *
 * <p>States are counted in many millions, but what follows depends only on what is still to be derived and on those cells
 * of the variables that still decide something ({@link Deciding}). States equal in these are one, which leaves some
 * thousands. A text shows its derivation, so this is the entropy of the texts; a test compares both.
 */
final class Entropy {
    private record FrameKey(int node, int rest) {}

    private record StateKey(int frame, List<String> cells) {}

    private final Grammar grammar;
    private final Deciding deciding;
    private final IdentityHashMap<Node, Integer> nodes = new IdentityHashMap<>();
    private final IdentityHashMap<State.Frame, Integer> frames = new IdentityHashMap<>();
    private final Map<FrameKey, Integer> numbers = new HashMap<>();
    private final List<Set<Attribute>> cells = new ArrayList<>(List.of(Set.of()));
    private final Map<StateKey, Map<Kind, Double>> results = new HashMap<>();

    Entropy(Grammar grammar) {
        this.grammar = grammar;
        this.deciding = new Deciding(grammar);
    }

    /** Expected nats of each kind of choice of a text that is derived from this node. */
    Map<Kind, Double> of(Node root) {
        return expected(State.start(root));
    }

    private Map<Kind, Double> expected(State start) {
        State state = start;
        while (state.ahead() != null) {
            Step step = state.step(grammar);
            if (step instanceof Step.Branch branch) {
                StateKey key = key(state);
                Map<Kind, Double> result = results.get(key);
                if (result == null) {
                    result = average(branch);
                    results.put(key, result);
                }
                return result;
            }
            state = step.only();
        }
        return Map.of();
    }

    private Map<Kind, Double> average(Step.Branch branch) {
        Map<Kind, Double> sum = new EnumMap<>(Kind.class);
        for (int i = 0; i < branch.chances().size(); i++) {
            double chance = branch.chances().get(i);
            sum.merge(branch.kind(), -chance * Math.log(chance), Double::sum);
            expected(branch.option().apply(i)).forEach((kind, nats) -> sum.merge(kind, chance * nats, Double::sum));
        }
        return Collections.unmodifiableMap(sum);
    }

    private StateKey key(State state) {
        int frame = number(state.ahead());
        List<String> values = new ArrayList<>();
        for (Attribute cell : cells.get(frame)) {
            Entry entry = state.bindings().find(cell.variable());
            values.add(entry == null ? "" : entry.cell(cell.column()));
        }
        return new StateKey(frame, values);
    }

    /** Equal lists of nodes have equal numbers; the empty list is 0. */
    private int number(State.@Nullable Frame frame) {
        if (frame == null) {
            return 0;
        }
        Integer known = frames.get(frame);
        if (known == null) {
            int rest = number(frame.rest());
            int node = nodes.computeIfAbsent(frame.node(), n -> nodes.size());
            known = numbers.computeIfAbsent(new FrameKey(node, rest), key -> numbered(frame.node(), rest));
            frames.put(frame, known);
        }
        return known;
    }

    private int numbered(Node node, int rest) {
        Set<Attribute> all = new LinkedHashSet<>(cells.get(rest));
        all.addAll(deciding.of(node));
        cells.add(all);
        return cells.size() - 1;
    }
}
