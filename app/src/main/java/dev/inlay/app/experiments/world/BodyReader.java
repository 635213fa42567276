package dev.inlay.app.experiments.world;

import dev.inlay.InlayException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a rule.
 *
 * <table>
 * <caption>Marks</caption>
 * <tr><td>{@code [warm | 2 cold]}</td><td>one of several, with weights</td></tr>
 * <tr><td>{@code <rule>}</td><td>another rule</td></tr>
 * <tr><td>{@code <deed/t>}, {@code <air/t.area>}</td><td>the rule whose name ends in the key of t, or in another cell</td></tr>
 * <tr><td>{@code {t:topic}}</td><td>from now on t is a row of the table topic; shows nothing</td></tr>
 * <tr><td>{@code {t:topic@p.trade}}</td><td>which row is a fact: the trade of p</td></tr>
 * <tr><td>{@code {g:thing%t}}, {@code {f:person!p}}</td><td>a row whose column topic is t; a row other than p</td></tr>
 * <tr><td>{@code {t}}, {@code {t.title}}, {@code {^p.they}}</td><td>shows the key, a cell, a cell with a capital</td></tr>
 * <tr><td>{@code {=topic t}}</td><td>notes a label; shows nothing</td></tr>
 * <tr><td>{@code {@user}}</td><td>from here on the user speaks</td></tr>
 * <tr><td>{@code \n}</td><td>a new line</td></tr>
 * </table>
 */
final class BodyReader {
    private static final Pattern DRAW = Pattern.compile("(\\w+):(\\w+)((?:[%!@][\\w.]+)*)");
    private static final Pattern CONDITION = Pattern.compile("([%!@])([\\w.]+)");
    private static final Pattern SHOW = Pattern.compile("(\\^?)([a-z][\\w.]*)");
    private static final Pattern LABEL = Pattern.compile("=(\\w+) ([\\w.]+)");
    private static final Pattern TURN = Pattern.compile("@(system|user|assistant|developer)");
    private static final Pattern WEIGHTED = Pattern.compile("(\\d+) +(.*)", Pattern.DOTALL);

    private final String source;
    private int at;

    private BodyReader(String source) {
        this.source = source;
    }

    /** The body of one alternative. */
    static Node sentence(String source) {
        BodyReader reader = new BodyReader(source);
        Node node = reader.sequence();
        if (reader.at < source.length()) {
            throw reader.error("ends too early");
        }
        return node;
    }

    /** {@code spring | summer}: one of several words or phrases. */
    static Node words(String source) {
        BodyReader reader = new BodyReader(source + "]");
        return reader.options();
    }

    /** One option needs no choice. */
    static Node choice(Kind kind, List<Node> options, List<Double> weights) {
        double sum = weights.stream().mapToDouble(Double::doubleValue).sum();
        return options.size() == 1
                ? options.get(0)
                : new Node.Choice(
                        kind,
                        List.copyOf(options),
                        weights.stream().map(weight -> weight / sum).toList());
    }

    private Node options() {
        List<Node> options = new ArrayList<>();
        List<Double> weights = new ArrayList<>();
        do {
            int end = endOfOption();
            String option = source.substring(at, end).strip();
            Matcher weighted = WEIGHTED.matcher(option);
            weights.add(weighted.matches() ? Double.parseDouble(weighted.group(1)) : 1.0);
            options.add(sentence(weighted.matches() ? weighted.group(2) : option));
            at = end + 1;
        } while (source.charAt(at - 1) == '|');
        return choice(Kind.WORD, options, weights);
    }

    /** The next bar or closing bracket that belongs to this choice. */
    private int endOfOption() {
        int depth = 0;
        for (int i = at; i < source.length(); i++) {
            char c = source.charAt(i);
            if (depth == 0 && (c == '|' || c == ']')) {
                return i;
            }
            depth += c == '[' ? 1 : c == ']' ? -1 : 0;
        }
        throw error("has a bracket that is not closed");
    }

    private Node sequence() {
        List<Node> parts = new ArrayList<>();
        while (at < source.length()) {
            char c = source.charAt(at);
            if (c == '[') {
                at++;
                parts.add(options());
            } else if (c == '<') {
                parts.add(call(until('>')));
            } else if (c == '{') {
                parts.addAll(braces(until('}')));
            } else {
                parts.add(text());
            }
        }
        return parts.size() == 1 ? parts.get(0) : new Node.Sequence(List.copyOf(parts));
    }

    private Node text() {
        int start = at;
        while (at < source.length() && "[<{".indexOf(source.charAt(at)) < 0) {
            at++;
        }
        return new Node.Text(source.substring(start, at).replace("\\n", "\n"));
    }

    private String until(char end) {
        int close = source.indexOf(end, at);
        if (close < 0) {
            throw error("lacks a " + end);
        }
        String inside = source.substring(at + 1, close);
        at = close + 1;
        return inside;
    }

    private static Node call(String inside) {
        int slash = inside.indexOf('/');
        Optional<Attribute> by = Optional.empty();
        // A slash is followed by a variable, or is part of the name: <adjective/good>. Variables have one letter.
        if (slash >= 0 && inside.substring(slash + 1).matches("[a-z](\\.\\w+)?")) {
            by = Optional.of(attribute(inside.substring(slash + 1)));
        }
        return new Node.Call(by.isPresent() ? inside.substring(0, slash) : inside, by);
    }

    private List<Node> braces(String inside) {
        Matcher turn = TURN.matcher(inside);
        if (turn.matches()) {
            String role = turn.group(1);
            return List.of(new Node.Label(Document.TURN, Optional.empty(), role), new Node.Text(Document.header(role)));
        }
        Matcher label = LABEL.matcher(inside);
        if (label.matches()) {
            String value = label.group(2);
            boolean cell = value.matches("[a-z](\\.\\w+)?");
            return List.of(
                    new Node.Label(label.group(1), cell ? Optional.of(attribute(value)) : Optional.empty(), value));
        }
        Matcher draw = DRAW.matcher(inside);
        if (draw.matches()) {
            return List.of(draw(draw.group(1), draw.group(2), draw.group(3)));
        }
        Matcher show = SHOW.matcher(inside);
        if (show.matches()) {
            return List.of(
                    new Node.Show(attribute(show.group(2)), !show.group(1).isEmpty()));
        }
        throw error("has {" + inside + "}, which is no draw, show, label or turn");
    }

    private static Node draw(String variable, String table, String conditions) {
        List<Attribute> where = new ArrayList<>();
        @Nullable String except = null;
        @Nullable Attribute fact = null;
        Matcher condition = CONDITION.matcher(conditions);
        while (condition.find()) {
            switch (condition.group(1)) {
                case "%" -> where.add(attribute(condition.group(2)));
                case "!" -> except = condition.group(2);
                default -> fact = attribute(condition.group(2));
            }
        }
        return new Node.Draw(
                variable, table, List.copyOf(where), Optional.ofNullable(except), Optional.ofNullable(fact));
    }

    private static Attribute attribute(String text) {
        int dot = text.indexOf('.');
        return dot < 0 ? new Attribute(text, "key") : new Attribute(text.substring(0, dot), text.substring(dot + 1));
    }

    private InlayException error(String what) {
        return InlayException.data("the grammar text \"%s\" %s", source, what);
    }
}
