package dev.inlay.app.experiments.world;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which cells of the variables decide what a node derives: which rule, or between which rows. What is only shown decides
 * nothing about the number of ways to go on.
 */
final class Deciding {
    private final Map<String, Set<Attribute>> rules = new HashMap<>();
    private final Set<String> tables;

    Deciding(Grammar grammar) {
        tables = tables(grammar);
        boolean grown = true;
        while (grown) { // until rules that call each other agree
            grown = false;
            for (Map.Entry<String, Node> rule : grammar.rules().entrySet()) {
                Set<Attribute> found = of(rule.getValue());
                grown |= !found.equals(rules.put(rule.getKey(), found));
            }
        }
    }

    /** Cells that decide something in this node or in the rules that it may call. */
    Set<Attribute> of(Node node) {
        Set<Attribute> found = new HashSet<>();
        node.walk(each -> {
            if (each instanceof Node.Call call) {
                call.by().ifPresent(found::add);
                rules.forEach((rule, cells) -> found.addAll(call.reaches(rule) ? cells : Set.of()));
            } else if (each instanceof Node.Draw draw) {
                found.addAll(draw.where());
                // Which row is left out matters only if those that remain differ in what they decide.
                draw.except()
                        .filter(variable -> tables.contains(draw.table()))
                        .ifPresent(variable -> found.add(new Attribute(variable, "key")));
            }
        });
        return found;
    }

    /** The tables whose rows decide something anywhere. */
    private static Set<String> tables(Grammar grammar) {
        Map<String, Set<String>> drawn = new HashMap<>();
        Set<String> variables = new TreeSet<>();
        for (Node rule : grammar.rules().values()) {
            rule.walk(node -> {
                if (node instanceof Node.Draw draw) {
                    drawn.computeIfAbsent(draw.variable(), name -> new HashSet<>())
                            .add(draw.table());
                    draw.where().forEach(cell -> variables.add(cell.variable()));
                } else if (node instanceof Node.Call call) {
                    call.by().ifPresent(cell -> variables.add(cell.variable()));
                }
            });
        }
        Set<String> tables = new HashSet<>();
        variables.forEach(variable -> tables.addAll(drawn.getOrDefault(variable, Set.of())));
        return tables;
    }
}
