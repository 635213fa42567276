package dev.inlay.app.experiments.world;

import dev.inlay.InlayException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Rules and tables: everything that can be derived, with the probability of every choice. Immutable. */
final class Grammar {
    private static final String SOURCE = "world.grammar";

    private final Map<String, Node> rules;
    private final Map<String, Table> tables;
    private final Map<List<String>, List<Entry>> selections = new ConcurrentHashMap<>();
    private final Map<String, Domain> domains = new ConcurrentHashMap<>();

    private Grammar(Map<String, Node> rules, Map<String, Table> tables) {
        this.rules = Collections.unmodifiableMap(rules);
        this.tables = Collections.unmodifiableMap(tables);
    }

    /** The grammar of the small world, as it is for the texts of a split. */
    static Grammar of(Split split) {
        GrammarReader reader = new GrammarReader();
        reader.add(Names.persons(split.newNames()));
        reader.add(Names.places(split.newNames()));
        reader.read(source());
        reader.add(Names.holdings(reader.table("topic"), reader.table("keepsake"), split.newCombinations()));
        reader.add(
                Names.cipher(reader.table("lamp"), reader.table("sign"), reader.table("door"), reader.table("seal")));
        return reader.grammar();
    }

    static Grammar of(Map<String, Node> rules, Map<String, Table> tables) {
        return new Grammar(rules, tables);
    }

    /** The text of the grammar file. */
    static String source() {
        try (InputStream in = Objects.requireNonNull(Grammar.class.getResourceAsStream(SOURCE))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Node rule(String name) {
        Node rule = rules.get(name);
        if (rule == null) {
            throw InlayException.data("the grammar has no rule \"%s\"", name);
        }
        return rule;
    }

    Map<String, Node> rules() {
        return rules;
    }

    Map<String, Table> tables() {
        return tables;
    }

    /** Whether the rows of a table are names of persons or places. */
    boolean isName(String table) {
        return table.equals("person") || table.equals("place");
    }

    /** A text of one of the registers, by their weights; of one register there is nothing to choose. */
    Node root(List<Register> registers) {
        double sum = registers.stream().mapToInt(Register::weight).sum();
        List<Node> options = new ArrayList<>();
        List<Double> chances = new ArrayList<>();
        for (Register register : registers) {
            Node label = new Node.Label(Document.REGISTER, Optional.empty(), register.toString());
            options.add(new Node.Sequence(List.of(label, rule(register.rule()))));
            chances.add(register.weight() / sum);
        }
        return options.size() == 1 ? options.get(0) : new Node.Choice(Kind.PLAN, options, chances);
    }

    /** The rows that a draw may take where the variables stand for these rows. */
    Domain domain(Node.Draw draw, Bindings bindings) {
        Table table = tables.get(draw.table());
        if (table == null) {
            throw InlayException.data("the grammar has no table \"%s\"", draw.table());
        }
        List<String> selection = new ArrayList<>(List.of(draw.table()));
        draw.where().forEach(cell -> selection.add(column(table, cell, bindings) + "=" + cell.of(bindings)));
        Entry without = draw.except().map(bindings::get).orElse(null);
        String name = selection + (without == null ? "" : "!" + without.key());
        Domain known = domains.get(name);
        if (known == null) {
            known = Domain.of(
                    selections.computeIfAbsent(selection, s -> select(table, draw, bindings)).stream()
                            .filter(entry -> entry != without)
                            .toList(),
                    table.isWeighted());
            requireRows(known, name);
            domains.put(name, known);
        }
        return known;
    }

    private static void requireRows(Domain domain, String name) {
        if (domain.entries().isEmpty()) {
            throw InlayException.data("the grammar draws from no row at all: %s", name);
        }
    }

    private static List<Entry> select(Table table, Node.Draw draw, Bindings bindings) {
        return table.entries().stream()
                .filter(entry -> draw.where().stream()
                        .allMatch(cell ->
                                entry.cell(column(table, cell, bindings)).equals(cell.of(bindings))))
                .toList();
    }

    /** {@code %t} is about the column named as the table of t, {@code %g.topic} about the column topic. */
    private static String column(Table table, Attribute cell, Bindings bindings) {
        boolean whole = cell.column().equals("key");
        String name = whole ? bindings.get(cell.variable()).table().name() : cell.column();
        return name.equals(table.name()) ? "key" : name;
    }
}
