package dev.inlay.app.experiments.world;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/** A part of a rule. */
sealed interface Node {
    /**
     * Does this node.
     *
     * @param rest what comes after it
     */
    Step step(Grammar grammar, State rest);

    /** Shows this node and every node within it, not those of rules that it calls. */
    default void walk(Consumer<Node> visitor) {
        visitor.accept(this);
    }

    /** {@code some words}. */
    record Text(String text) implements Node {
        @Override
        public Step step(Grammar grammar, State rest) {
            return new Step.Emit(text, rest);
        }
    }

    /** Parts in order. */
    record Sequence(List<Node> parts) implements Node {
        @Override
        public Step step(Grammar grammar, State rest) {
            State next = rest;
            for (int i = parts.size() - 1; i >= 0; i--) {
                next = next.push(parts.get(i));
            }
            return new Step.Move(next);
        }

        @Override
        public void walk(Consumer<Node> visitor) {
            visitor.accept(this);
            parts.forEach(part -> part.walk(visitor));
        }
    }

    /** {@code [one | 2 other]}, or the alternatives of a rule. */
    record Choice(Kind kind, List<Node> options, List<Double> chances) implements Node {
        @Override
        public Step step(Grammar grammar, State rest) {
            return new Step.Branch(kind, chances, i -> rest.push(options.get(i)), null);
        }

        @Override
        public void walk(Consumer<Node> visitor) {
            visitor.accept(this);
            options.forEach(option -> option.walk(visitor));
        }
    }

    /** {@code {p}}, {@code {^p.they}}: shows a cell, with a capital letter where the source has {@code ^}. */
    record Show(Attribute attribute, boolean capital) implements Node {
        @Override
        public Step step(Grammar grammar, State rest) {
            String text = attribute.of(rest.bindings());
            String shown = capital ? text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) : text;
            return new Step.Emit(shown, rest);
        }
    }

    /** {@code <rule>}, {@code <rule/t>}: derives a rule, chosen by the cells named behind the slash. */
    record Call(String rule, Optional<Attribute> by) implements Node {
        @Override
        public Step step(Grammar grammar, State rest) {
            String name = by.map(cell -> rule + "/" + cell.of(rest.bindings())).orElse(rule);
            return new Step.Move(rest.push(grammar.rule(name)));
        }

        /** Whether the call may derive this rule. */
        boolean reaches(String name) {
            return by.isPresent() ? name.startsWith(rule + "/") : name.equals(rule);
        }
    }

    /** {@code {=topic t}}: notes a label; the value is a cell or, where there is no such variable, the word itself. */
    record Label(String name, Optional<Attribute> cell, String constant) implements Node {
        @Override
        public Step step(Grammar grammar, State rest) {
            return new Step.Note(name, cell.map(c -> c.of(rest.bindings())).orElse(constant), rest);
        }
    }

    /**
     * {@code {t:topic@p.trade}}: lets a variable stand for a row of a table. Nothing is shown.
     *
     * @param where cells that the row must share: {@code %t} the cell in the column {@code topic}
     * @param except {@code !p}: the variable whose row it must not be
     * @param fact {@code @p.trade}: the world of the text decides
     */
    record Draw(String variable, String table, List<Attribute> where, Optional<String> except, Optional<Attribute> fact)
            implements Node {
        @Override
        public Step step(Grammar grammar, State rest) {
            Bindings bindings = rest.bindings();
            Domain domain = grammar.domain(this, bindings);
            Kind kind = fact.isPresent() ? Kind.FACT : grammar.isName(table) ? Kind.NAME : Kind.PLAN;
            return new Step.Branch(
                    kind,
                    domain.chances(),
                    i -> noted(rest.bind(variable, domain.entries().get(i))),
                    fact.map(f -> question(f, bindings)).orElse(null));
        }

        private State noted(State bound) {
            return fact.map(f -> bound.push(new FactLabel(f, variable))).orElse(bound);
        }

        private static Step.Question question(Attribute fact, Bindings bindings) {
            return new Step.Question(bindings.get(fact.variable()).key(), fact.column());
        }
    }

    /** Notes the fact that was drawn: {@code Mara | trade | baking}. */
    record FactLabel(Attribute fact, String variable) implements Node {
        @Override
        public Step step(Grammar grammar, State rest) {
            String subject = rest.bindings().get(fact.variable()).key();
            String object = rest.bindings().get(variable).key();
            return new Step.Note(Document.FACTS, subject + " | " + fact.column() + " | " + object, rest);
        }
    }
}
