package dev.inlay.model.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads the tags of a template: print, if, for, set, macro, break, continue, generation. */
final class TemplateParser {
    private final Tokens tokens;
    private final ExpressionParser expressions;
    private int loops;

    TemplateParser(String source) {
        tokens = new Tokens(Lexer.tokens(source));
        expressions = new ExpressionParser(tokens);
    }

    Statement template() {
        Statement body = body(Set.of());
        if (tokens.peek().kind() != Token.Kind.END) {
            throw tokens.unexpected("the end of the template");
        }
        return body;
    }

    /** Statements up to a tag of one of these names, whose name is the next token. */
    private Statement body(Set<String> ends) {
        tokens.enter();
        List<Statement> statements = new ArrayList<>();
        while (tokens.peek().kind() != Token.Kind.END) {
            int line = tokens.line();
            Token token = tokens.next();
            if (token.kind() == Token.Kind.TEXT) {
                statements.add(text(token.text()));
            } else if (token.kind() == Token.Kind.PRINT_BEGIN) {
                statements.add(located(line, print()));
            } else if (ends.contains(tokens.peek().text())) {
                tokens.leave();
                return sequence(statements);
            } else {
                statements.add(located(line, tag(tokens.name(), line)));
            }
        }
        if (!ends.isEmpty()) {
            throw new TemplateException("expected one of the tags " + ends + " before the end", tokens.line());
        }
        tokens.leave();
        return sequence(statements);
    }

    private static Statement text(String text) {
        return (frame, output) -> {
            output.write(text);
            return Statement.Next.ON;
        };
    }

    private static Statement sequence(List<Statement> statements) {
        return (frame, output) -> {
            for (Statement statement : statements) {
                Statement.Next next = statement.run(frame, output);
                if (next != Statement.Next.ON) {
                    return next;
                }
            }
            return Statement.Next.ON;
        };
    }

    private static Statement located(int line, Statement statement) {
        return (frame, output) -> {
            try {
                frame.budget().step();
                return statement.run(frame, output);
            } catch (TemplateException e) {
                throw e.at(line);
            }
        };
    }

    private Statement print() {
        Expression value = expressions.tuple();
        tokens.expect(Token.Kind.PRINT_END);
        return (frame, output) -> {
            output.write(Values.text(value.in(frame)));
            return Statement.Next.ON;
        };
    }

    private Statement tag(String name, int line) {
        return switch (name) {
            case "if" -> condition();
            case "for" -> loop();
            case "set" -> assignment();
            case "macro" -> macro();
            case "generation" -> generation();
            case "break" -> leave(Statement.Next.BREAK, line);
            case "continue" -> leave(Statement.Next.CONTINUE, line);
            default -> throw new TemplateException("the tag '" + name + "' is not supported here", line);
        };
    }

    private Statement leave(Statement.Next next, int line) {
        tokens.expect(Token.Kind.BLOCK_END);
        if (loops == 0) {
            throw new TemplateException("break or continue outside a loop", line);
        }
        return (frame, output) -> next;
    }

    /** Takes the tag that a body ended at, with nothing else in it. */
    private void end(String name) {
        if (!tokens.skipName(name)) {
            throw tokens.unexpected("the tag " + name);
        }
        tokens.expect(Token.Kind.BLOCK_END);
    }

    private Statement condition() {
        Expression test = expressions.tuple();
        tokens.expect(Token.Kind.BLOCK_END);
        Statement then = body(Set.of("elif", "else", "endif"));
        Statement otherwise = sequence(List.of());
        if (tokens.skipName("elif")) {
            otherwise = condition();
        } else {
            if (tokens.isName("else")) {
                end("else");
                otherwise = body(Set.of("endif"));
            }
            end("endif");
        }
        Statement last = otherwise;
        return (frame, output) -> (Values.truth(test.in(frame)) ? then : last).run(frame, output);
    }

    private List<String> targets() {
        List<String> names = new ArrayList<>(List.of(tokens.name()));
        while (tokens.skipOperator(",")) {
            names.add(tokens.name());
        }
        return names;
    }

    private Statement loop() {
        boolean grouped = tokens.skipOperator("(");
        List<String> names = targets();
        if (grouped) {
            tokens.operator(")");
        }
        if (!tokens.skipName("in")) {
            throw tokens.unexpected("'in'");
        }
        Expression items = expressions.or();
        Expression filter = tokens.skipName("if") ? expressions.expression() : frame -> true;
        tokens.expect(Token.Kind.BLOCK_END);
        loops++;
        Statement body = body(Set.of("else", "endfor"));
        loops--;
        Statement otherwise = sequence(List.of());
        if (tokens.isName("else")) {
            end("else");
            otherwise = body(Set.of("endfor"));
        }
        end("endfor");
        return new Loop(names, items, filter, body, otherwise);
    }

    private Statement assignment() {
        List<String> names = targets();
        if (names.size() == 1 && tokens.skipOperator(".")) {
            return attribute(names.get(0), tokens.name());
        }
        if (names.size() == 1 && !tokens.isOperator("=")) {
            return block(names.get(0));
        }
        Expression value = assigned();
        return (frame, output) -> {
            Loop.bind(names, value.in(frame), frame);
            return Statement.Next.ON;
        };
    }

    private Expression assigned() {
        tokens.operator("=");
        Expression value = expressions.tuple();
        tokens.expect(Token.Kind.BLOCK_END);
        return value;
    }

    private Statement attribute(String name, String key) {
        Expression value = assigned();
        return (frame, output) -> {
            Object target = frame.get(name);
            if (!(target instanceof Namespace namespaceValue)) {
                throw new TemplateException(
                        "only a namespace can be changed, '" + name + "' is " + Values.type(target));
            }
            namespaceValue.values().put(key, value.in(frame));
            return Statement.Next.ON;
        };
    }

    private Statement block(String name) {
        Expression[] captured = {frame -> frame.get(name)};
        Expression value = captured[0];
        while (tokens.isOperator("|")) {
            value = expressions.filter(value);
        }
        tokens.expect(Token.Kind.BLOCK_END);
        Statement body = body(Set.of("endset"));
        end("endset");
        Expression filtered = value;
        return (frame, output) -> {
            Output inner = new Output(frame.budget());
            Frame scope = frame.inner();
            body.run(scope, inner);
            scope.set(name, inner.captured());
            frame.set(name, filtered.in(scope));
            return Statement.Next.ON;
        };
    }

    private Statement macro() {
        String name = tokens.name();
        List<String> names = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        tokens.operator("(");
        while (!tokens.skipOperator(")")) {
            names.add(tokens.name());
            defaults.add(tokens.skipOperator("=") ? expressions.expression() : frame -> Constant.UNDEFINED);
            if (!tokens.skipOperator(",") && !tokens.isOperator(")")) {
                throw tokens.unexpected("',' or ')'");
            }
        }
        tokens.expect(Token.Kind.BLOCK_END);
        int outside = loops;
        loops = 0;
        Statement body = body(Set.of("endmacro"));
        loops = outside;
        end("endmacro");
        return (frame, output) -> {
            frame.set(name, new Macro(names, defaults, body, frame));
            return Statement.Next.ON;
        };
    }

    private Statement generation() {
        tokens.expect(Token.Kind.BLOCK_END);
        int outside = loops;
        loops = 0;
        Statement body = body(Set.of("endgeneration"));
        loops = outside;
        end("endgeneration");
        return (frame, output) -> {
            int start = output.length();
            body.run(frame.inner(), output);
            output.markGenerated(start);
            return Statement.Next.ON;
        };
    }
}
