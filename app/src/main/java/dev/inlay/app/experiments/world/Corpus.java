package dev.inlay.app.experiments.world;

import dev.inlay.InlayException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The texts of one split: as many as wanted, each a function of the seed and its row. So a corpus of any length needs no
 * memory, any part of it can be made alone, and many threads can make it.
 */
final class Corpus {
    /** What the probabilities of a text depend on. */
    private record Law(boolean newNames, boolean newCombinations, Register register) {}

    /** Constants of the grammar that take seconds to compute; three of the splits have the same. */
    private static final Map<Law, Map<Kind, Double>> FLOORS = new ConcurrentHashMap<>();

    private final Split split;
    private final List<Register> registers;
    private final long start;
    private final OptionalLong world;
    private final Grammar grammar;
    private final Node root;

    /**
     * @param registers mixed by their weights
     * @param world the one world of all texts; empty if each text has a world of its own, which no other split has
     */
    Corpus(Split split, List<Register> registers, long seed, OptionalLong world) {
        InlayException.require(!registers.isEmpty(), "at least one register is needed, found none");
        this.split = split;
        this.registers = List.copyOf(registers);
        this.start = World.mix(seed ^ registers.toString().hashCode());
        this.world = world;
        this.grammar = Grammar.of(split);
        this.root = grammar.root(registers);
    }

    Split split() {
        return split;
    }

    List<Register> registers() {
        return registers;
    }

    Document document(long row) {
        long own = World.mix(start ^ ((row << 3) | split.number()));
        return Sampler.draw(grammar, root, new World(world.orElse(World.mix(own))), new SplittableRandom(own));
    }

    /** Nats that a text costs on top of its register's floor because registers are mixed: {@code -log share}. */
    double costOf(Register register) {
        return register.costIn(registers);
    }

    /**
     * The exact floor of each register, in nats per text by kind of choice, averaged over all worlds. Where registers are
     * mixed, a text costs {@link #costOf} on top.
     */
    Map<Register, Map<Kind, Double>> floors() {
        Entropy entropy = new Entropy(grammar);
        Map<Register, Map<Kind, Double>> floors = new EnumMap<>(Register.class);
        for (Register register : registers) {
            Law law = new Law(split.newNames(), split.newCombinations(), register);
            floors.put(register, FLOORS.computeIfAbsent(law, l -> entropy.of(grammar.root(List.of(register)))));
        }
        return floors;
    }
}
