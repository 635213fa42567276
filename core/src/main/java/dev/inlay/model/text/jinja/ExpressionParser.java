package dev.inlay.model.text.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads expressions. From loosest to tightest: {@code a if b else c}, {@code or}, {@code and}, {@code not}, comparisons
 * and {@code in}, {@code + -}, {@code ~}, {@code * / // %}, {@code **}, signs, then calls, attributes, items, filters and
 * tests.
 */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<String> WORDS = Set.of("and", "or", "else", "if", "in", "is", "not");

    private final Tokens tokens;

    ExpressionParser(Tokens tokens) {
        this.tokens = tokens;
    }

    /** An expression, or several with commas between: a tuple. */
    Expression tuple() {
        Expression first = expression();
        if (!tokens.isOperator(",")) {
            return first;
        }
        List<Expression> items = new ArrayList<>(List.of(first));
        while (tokens.skipOperator(",") && startsValue()) {
            items.add(expression());
        }
        return frame -> new Tuple(values(items, frame));
    }

    private boolean startsValue() {
        Token.Kind kind = tokens.peek().kind();
        boolean closes = tokens.isOperator(")") || tokens.isOperator("]") || tokens.isOperator("=");
        return kind != Token.Kind.BLOCK_END && kind != Token.Kind.PRINT_END && !closes;
    }

    Expression expression() {
        tokens.enter();
        Expression value = or();
        while (tokens.skipName("if")) {
            Expression then = value;
            Expression condition = or();
            Expression otherwise = tokens.skipName("else") ? expression() : frame -> Constant.UNDEFINED;
            value = frame -> Values.truth(condition.in(frame)) ? then.in(frame) : otherwise.in(frame);
        }
        tokens.leave();
        return counted(value);
    }

    private static Expression counted(Expression value) {
        return frame -> {
            frame.budget().step();
            return value.in(frame);
        };
    }

    /** Everything but {@code a if b else c}: what a loop goes through. */
    Expression or() {
        Expression left = and();
        while (tokens.skipName("or")) {
            Expression a = left;
            Expression b = and();
            left = frame -> {
                Object value = a.in(frame);
                return Values.truth(value) ? value : b.in(frame);
            };
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.skipName("and")) {
            Expression a = left;
            Expression b = not();
            left = frame -> {
                Object value = a.in(frame);
                return Values.truth(value) ? b.in(frame) : value;
            };
        }
        return left;
    }

    private Expression not() {
        if (!tokens.skipName("not")) {
            return comparison();
        }
        tokens.enter();
        Expression value = not();
        tokens.leave();
        return frame -> !Values.truth(value.in(frame));
    }

    /** {@code a < b < c} holds if each neighbouring pair does. */
    private Expression comparison() {
        Expression first = sum();
        List<String> operators = new ArrayList<>();
        List<Expression> rest = new ArrayList<>();
        while (true) {
            boolean notIn = tokens.isName("not");
            if (tokens.peek().kind() == Token.Kind.OPERATOR
                    && COMPARISONS.contains(tokens.peek().text())) {
                operators.add(tokens.next().text());
            } else if (tokens.skipName("in")) {
                operators.add("in");
            } else if (notIn) {
                tokens.next();
                if (!tokens.skipName("in")) {
                    throw tokens.unexpected("'in' after 'not'");
                }
                operators.add("not in");
            } else {
                break;
            }
            rest.add(sum());
        }
        if (operators.isEmpty()) {
            return first;
        }
        return frame -> {
            Object left = first.in(frame);
            for (int i = 0; i < rest.size(); i++) {
                Object right = rest.get(i).in(frame);
                if (!holds(operators.get(i), left, right, frame.budget())) {
                    return false;
                }
                left = right;
            }
            return true;
        };
    }

    private static boolean holds(String operator, Object left, Object right, Budget budget) {
        return switch (operator) {
            case "==" -> Values.equal(left, right, budget);
            case "!=" -> !Values.equal(left, right, budget);
            case "in" -> Values.contains(right, left, budget);
            case "not in" -> !Values.contains(right, left, budget);
            case "<" -> Values.compare(left, right) < 0;
            case "<=" -> Values.compare(left, right) <= 0;
            case ">" -> Values.compare(left, right) > 0;
            default -> Values.compare(left, right) >= 0;
        };
    }

    private Expression sum() {
        Expression left = concatenation();
        while (tokens.isOperator("+") || tokens.isOperator("-")) {
            left = binary(tokens.next().text(), left, concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        Expression left = product();
        while (tokens.skipOperator("~")) {
            left = binary("~", left, product());
        }
        return left;
    }

    private Expression product() {
        Expression left = power();
        while (tokens.isOperator("*") || tokens.isOperator("/") || tokens.isOperator("//") || tokens.isOperator("%")) {
            left = binary(tokens.next().text(), left, power());
        }
        return left;
    }

    private Expression power() {
        Expression left = unary(true);
        while (tokens.skipOperator("**")) {
            left = binary("**", left, unary(true));
        }
        return left;
    }

    private static Expression binary(String operator, Expression left, Expression right) {
        return frame -> Arithmetic.apply(operator, left.in(frame), right.in(frame), frame.budget());
    }

    private Expression unary(boolean filtered) {
        tokens.enter();
        Expression value;
        if (tokens.skipOperator("-")) {
            Expression positive = unary(false);
            value = frame -> Arithmetic.apply("-", 0L, positive.in(frame), frame.budget());
        } else if (tokens.skipOperator("+")) {
            Expression same = unary(false);
            value = frame -> Arithmetic.apply("+", 0L, same.in(frame), frame.budget());
        } else {
            value = primary();
        }
        value = postfix(value);
        tokens.leave();
        return filtered ? filtersAndTests(value) : value;
    }

    private Expression primary() {
        Token token = tokens.peek();
        return switch (token.kind()) {
            case NAME -> name();
            case STRING -> strings();
            case INTEGER -> {
                tokens.next();
                yield constant(integer(token));
            }
            case FLOAT -> {
                tokens.next();
                yield constant(Double.parseDouble(token.text()));
            }
            case OPERATOR -> bracketed();
            default -> throw tokens.unexpected("a value");
        };
    }

    private static Object integer(Token token) {
        try {
            return Long.parseLong(token.text());
        } catch (NumberFormatException e) {
            throw new TemplateException("an integer beyond 64 bits", token.line());
        }
    }

    private static Expression constant(Object value) {
        return frame -> value;
    }

    private Expression name() {
        if (WORDS.contains(tokens.peek().text())) {
            throw tokens.unexpected("a value");
        }
        String name = tokens.name();
        return switch (name) {
            case "true", "True" -> constant(true);
            case "false", "False" -> constant(false);
            case "none", "None" -> constant(Constant.NONE);
            default -> frame -> frame.get(name);
        };
    }

    /** Neighbouring texts are one. */
    private Expression strings() {
        StringBuilder text = new StringBuilder();
        while (tokens.peek().kind() == Token.Kind.STRING) {
            text.append(tokens.next().text());
        }
        return constant(text.toString());
    }

    private Expression bracketed() {
        if (tokens.skipOperator("(")) {
            if (tokens.skipOperator(")")) {
                return constant(new Tuple(List.of()));
            }
            Expression inner = tuple();
            tokens.operator(")");
            return inner;
        }
        if (tokens.skipOperator("[")) {
            List<Expression> items = new ArrayList<>();
            while (!tokens.skipOperator("]")) {
                items.add(expression());
                separator("]");
            }
            return frame -> values(items, frame);
        }
        if (tokens.skipOperator("{")) {
            return dictionary();
        }
        throw tokens.unexpected("a value");
    }

    private Expression dictionary() {
        Map<Expression, Expression> entries = new LinkedHashMap<>();
        while (!tokens.skipOperator("}")) {
            Expression key = expression();
            tokens.operator(":");
            entries.put(key, expression());
            separator("}");
        }
        return frame -> {
            Map<Object, Object> map = new LinkedHashMap<>();
            entries.forEach((key, value) -> {
                Object name = key.in(frame);
                if (name instanceof List || name instanceof Map) {
                    throw new TemplateException(Values.type(name) + " cannot be a key");
                }
                map.put(name, value.in(frame));
            });
            return map;
        };
    }

    private void separator(String end) {
        if (!tokens.skipOperator(",") && !tokens.isOperator(end)) {
            throw tokens.unexpected("',' or '" + end + "'");
        }
    }

    private static List<Object> values(List<Expression> items, Frame frame) {
        List<Object> values = new ArrayList<>(items.size());
        items.forEach(item -> values.add(item.in(frame)));
        return values;
    }

    private Expression postfix(Expression start) {
        Expression value = start;
        while (true) {
            Expression of = value;
            if (tokens.skipOperator(".")) {
                Token token = tokens.next();
                if (token.kind() == Token.Kind.INTEGER) {
                    Object index = integer(token);
                    value = frame -> Access.item(of.in(frame), index);
                } else {
                    if (token.kind() != Token.Kind.NAME) {
                        throw new TemplateException("expected a name after '.'", token.line());
                    }
                    value = frame -> Access.attribute(of.in(frame), token.text());
                }
            } else if (tokens.skipOperator("[")) {
                value = subscript(of);
            } else if (tokens.isOperator("(")) {
                value = call(of);
            } else {
                return value;
            }
        }
    }

    private Expression subscript(Expression of) {
        Expression from = tokens.isOperator(":") ? constant(Constant.NONE) : expression();
        if (tokens.skipOperator("]")) {
            return frame -> Access.item(of.in(frame), from.in(frame));
        }
        tokens.operator(":");
        Expression to = bound();
        Expression step = tokens.skipOperator(":") ? bound() : constant(Constant.NONE);
        tokens.operator("]");
        return frame -> Access.slice(of.in(frame), from.in(frame), to.in(frame), step.in(frame), frame.budget());
    }

    private Expression bound() {
        return tokens.isOperator(":") || tokens.isOperator("]") ? constant(Constant.NONE) : expression();
    }

    private Expression call(Expression callee) {
        int line = tokens.line();
        ArgumentList arguments = arguments();
        return frame -> {
            Object function = callee.in(frame);
            if (!(function instanceof Callable callable)) {
                throw new TemplateException("cannot call " + Values.type(function), line);
            }
            frame.budget().step();
            return callable.call(arguments.in(frame), frame.budget());
        };
    }

    /** Arguments that are not evaluated yet. */
    private record ArgumentList(List<Expression> positional, Map<String, Expression> named) {
        Arguments in(Frame frame) {
            Map<String, Object> named = new LinkedHashMap<>();
            named().forEach((name, value) -> named.put(name, value.in(frame)));
            return new Arguments(values(positional, frame), named);
        }
    }

    private ArgumentList arguments() {
        ArgumentList arguments = new ArgumentList(new ArrayList<>(), new LinkedHashMap<>());
        tokens.operator("(");
        while (!tokens.skipOperator(")")) {
            if (tokens.peek().kind() == Token.Kind.NAME && tokens.isNextOperator("=")) {
                String name = tokens.name();
                tokens.operator("=");
                arguments.named().put(name, expression());
            } else {
                arguments.positional().add(expression());
            }
            separator(")");
        }
        return arguments;
    }

    private ArgumentList optionalArguments() {
        return tokens.isOperator("(") ? arguments() : new ArgumentList(List.of(), Map.of());
    }

    /** Filters and tests after a value. */
    Expression filtersAndTests(Expression start) {
        Expression value = start;
        while (true) {
            Expression of = value;
            if (tokens.isOperator("|")) {
                value = filter(of);
            } else if (tokens.skipName("is")) {
                value = test(of);
            } else if (tokens.isOperator("(")) {
                value = call(of);
            } else {
                return value;
            }
        }
    }

    /** {@code | name(arguments)}, at the bar. */
    Expression filter(Expression of) {
        tokens.operator("|");
        int line = tokens.line();
        Filters.Filter filter = Filters.named(tokens.name(), line);
        ArgumentList arguments = optionalArguments();
        return frame -> {
            frame.budget().step();
            return filter.apply(of.in(frame), arguments.in(frame), frame.budget());
        };
    }

    private Expression test(Expression of) {
        boolean negated = tokens.skipName("not");
        int line = tokens.line();
        Tests.Test test = Tests.named(tokens.name(), line);
        ArgumentList arguments =
                startsArgument() ? new ArgumentList(List.of(postfix(primary())), Map.of()) : optionalArguments();
        if (tokens.isName("is")) {
            throw new TemplateException("tests cannot be chained with 'is'", line);
        }
        return frame -> test.holds(of.in(frame), arguments.in(frame), frame.budget()) != negated;
    }

    /** A test may have one argument without parentheses: {@code is divisibleby 3}. */
    private boolean startsArgument() {
        return switch (tokens.peek().kind()) {
            case NAME -> !WORDS.contains(tokens.peek().text());
            case STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> tokens.isOperator("[") || tokens.isOperator("{");
            default -> false;
        };
    }
}
