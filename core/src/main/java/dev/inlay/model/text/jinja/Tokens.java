package dev.inlay.model.text.jinja;

import java.util.List;

/** A place in the list of tokens. */
final class Tokens {
    private final List<Token> tokens;
    private int at;
    private int depth;

    Tokens(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return tokens.get(at);
    }

    Token next() {
        Token token = tokens.get(at);
        if (token.kind() != Token.Kind.END) {
            at++;
        }
        return token;
    }

    int line() {
        return peek().line();
    }

    boolean isOperator(String text) {
        return peek().is(Token.Kind.OPERATOR, text);
    }

    boolean isName(String text) {
        return peek().is(Token.Kind.NAME, text);
    }

    boolean skipOperator(String text) {
        return skip(isOperator(text));
    }

    boolean skipName(String text) {
        return skip(isName(text));
    }

    private boolean skip(boolean yes) {
        if (yes) {
            next();
        }
        return yes;
    }

    /** Looks one token further. */
    boolean isNextOperator(String text) {
        return at + 1 < tokens.size() && tokens.get(at + 1).is(Token.Kind.OPERATOR, text);
    }

    void operator(String text) {
        if (!skipOperator(text)) {
            throw unexpected("'" + text + "'");
        }
    }

    void expect(Token.Kind kind) {
        if (peek().kind() != kind) {
            throw unexpected("the end of the tag");
        }
        next();
    }

    String name() {
        if (peek().kind() != Token.Kind.NAME) {
            throw unexpected("a name");
        }
        return next().text();
    }

    TemplateException unexpected(String wanted) {
        Token token = peek();
        String found = token.kind() == Token.Kind.END || token.text().isEmpty()
                ? token.kind().name()
                : "'" + token.text() + "'";
        return new TemplateException("expected " + wanted + ", found " + found, token.line());
    }

    /** Bounds the nesting of what is read. */
    void enter() {
        if (++depth > 200) {
            throw new TemplateException("nested deeper than 200", line());
        }
    }

    void leave() {
        depth--;
    }
}
