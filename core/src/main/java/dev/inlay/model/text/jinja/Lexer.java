package dev.inlay.model.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens, with {@code trim_blocks} and {@code lstrip_blocks}: the first line break after a block tag
 * goes, and so do the blanks before a block tag that begins its line. {@code -} at the inner edge of a tag removes all
 * white space on that side, {@code +} keeps it all. One line break at the end of the template is dropped.
 */
final class Lexer {
    private static final Pattern TAG = Pattern.compile("\\{[{%#]");
    private static final Pattern NUMBER = Pattern.compile("\\d+(?:_\\d+)*(\\.\\d+)?([eE][+-]?\\d+)?");
    private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}\\p{M}_]*");
    private static final Pattern OPERATOR = Pattern.compile("//|\\*\\*|==|!=|>=|<=|[-+/*%~\\[\\](){}<>=.:|,]");
    private static final Pattern RAW = Pattern.compile("\\{%[-+]?\\s*raw\\s*([-+]?)%\\}");
    private static final Pattern ENDRAW = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*([-+]?)%\\}");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private boolean lineStart = true;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String template) {
        String source = template.replace("\r\n", "\n").replace('\r', '\n');
        if (source.endsWith("\n")) {
            source = source.substring(0, source.length() - 1);
        }
        Lexer lexer = new Lexer(source);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        Matcher tag = TAG.matcher(source);
        while (tag.find(at)) {
            int begin = tag.start();
            Matcher raw = RAW.matcher(source).region(begin, source.length());
            char kind = source.charAt(begin + 1);
            char edge = begin + 2 < source.length() ? source.charAt(begin + 2) : ' ';
            text(begin, edge, kind != '{');
            at = begin + 2 + (edge == '-' || edge == '+' ? 1 : 0);
            if (kind == '#') {
                comment();
            } else if (raw.lookingAt()) {
                raw(raw);
            } else {
                inside(kind == '{');
            }
        }
        add(Token.Kind.TEXT, source.substring(at));
        add(Token.Kind.END, "");
    }

    /** The text before a tag, stripped as the tag's edge says. */
    private void text(int end, char edge, boolean block) {
        String text = source.substring(at, end);
        String kept = text;
        if (edge == '-') {
            kept = text.stripTrailing();
        } else if (edge != '+' && block) {
            int start = text.lastIndexOf('\n') + 1;
            if ((start > 0 || lineStart) && text.substring(start).isBlank()) {
                kept = text.substring(0, start);
            }
        }
        add(Token.Kind.TEXT, kept);
        advanceLines(text);
    }

    private void add(Token.Kind kind, String text) {
        if (kind != Token.Kind.TEXT || !text.isEmpty()) {
            tokens.add(new Token(kind, text, line));
        }
    }

    private void advanceLines(String passed) {
        line += (int) passed.chars().filter(c -> c == '\n').count();
    }

    private void comment() {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw new TemplateException("a comment {# is never closed", line);
        }
        advanceLines(source.substring(at, end));
        char edge = source.charAt(end - 1);
        at = end + 2;
        closed(edge, true);
    }

    private void raw(Matcher begin) {
        at = begin.end();
        closed(begin.group(1).isEmpty() ? ' ' : begin.group(1).charAt(0), true);
        Matcher end = ENDRAW.matcher(source);
        if (!end.find(at)) {
            throw new TemplateException("a raw block is never closed", line);
        }
        text(end.start(), end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0), true);
        at = end.end();
        closed(end.group(2).isEmpty() ? ' ' : end.group(2).charAt(0), true);
    }

    /** Skips the white space that belongs to the tag that ended here. */
    private void closed(char edge, boolean block) {
        int from = at;
        if (edge == '-') {
            while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
                at++;
            }
        } else if (block && edge != '+' && at < source.length() && source.charAt(at) == '\n') {
            at++;
        }
        lineStart = at > from && source.charAt(at - 1) == '\n';
        advanceLines(source.substring(from, at));
    }

    private void inside(boolean print) {
        add(print ? Token.Kind.PRINT_BEGIN : Token.Kind.BLOCK_BEGIN, "");
        String close = print ? "}}" : "%}";
        for (int depth = 0; ; ) {
            skipBlanks();
            if (at >= source.length()) {
                throw new TemplateException("a tag is never closed with " + close, line);
            }
            char edge = source.charAt(at);
            boolean edged = (edge == '-' || (edge == '+' && !print)) && source.startsWith(close, at + 1);
            if (depth == 0 && (edged || source.startsWith(close, at))) {
                at += edged ? 3 : 2;
                add(print ? Token.Kind.PRINT_END : Token.Kind.BLOCK_END, "");
                closed(edged ? edge : ' ', !print);
                return;
            }
            String word = word();
            if (tokens.get(tokens.size() - 1).kind() == Token.Kind.OPERATOR) {
                depth += "([{".contains(word) ? 1 : ")]}".contains(word) ? -1 : 0;
            }
        }
    }

    private void skipBlanks() {
        int from = at;
        while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
            at++;
        }
        advanceLines(source.substring(from, at));
    }

    private String word() {
        char first = source.charAt(at);
        if (first == '\'' || first == '"') {
            return string(first);
        }
        for (Pattern pattern : List.of(NUMBER, NAME, OPERATOR)) {
            Matcher matcher = pattern.matcher(source).region(at, source.length());
            if (matcher.lookingAt()) {
                String word = matcher.group();
                at = matcher.end();
                if (pattern.equals(NUMBER)) {
                    boolean integer = matcher.group(1) == null && matcher.group(2) == null;
                    add(integer ? Token.Kind.INTEGER : Token.Kind.FLOAT, word.replace("_", ""));
                } else {
                    add(pattern.equals(NAME) ? Token.Kind.NAME : Token.Kind.OPERATOR, word);
                }
                return word;
            }
        }
        throw new TemplateException("unexpected character '" + first + "'", line);
    }

    private String string(char quote) {
        int end = at + 1;
        while (end < source.length() && source.charAt(end) != quote) {
            end += source.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= source.length()) {
            throw new TemplateException("a text is never closed with " + quote, line);
        }
        String literal = source.substring(at + 1, end);
        at = end + 1;
        add(Token.Kind.STRING, unescaped(literal));
        advanceLines(literal);
        return literal;
    }

    /** Python's escapes; an unknown one stays as it is. */
    private String unescaped(String literal) {
        StringBuilder text = new StringBuilder(literal.length());
        for (int i = 0; i < literal.length(); ) {
            char c = literal.charAt(i);
            if (c != '\\') {
                text.append(c);
                i++;
                continue;
            }
            char kind = literal.charAt(i + 1);
            int simple = "nrtabfv\\'\"".indexOf(kind);
            int digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
            if (simple >= 0) {
                text.append("\n\r\t\u0007\b\f\u000b\\'\"".charAt(simple));
                i += 2;
            } else if (kind == '\n') {
                i += 2;
            } else if (digits > 0) {
                text.appendCodePoint(hex(literal, i + 2, digits));
                i += 2 + digits;
            } else if (kind >= '0' && kind <= '7') {
                throw new TemplateException("octal escapes are not supported", line);
            } else {
                text.append(c).append(kind);
                i += 2;
            }
        }
        return text.toString();
    }

    private int hex(String literal, int from, int digits) {
        String hex = literal.substring(from, Math.min(literal.length(), from + digits))
                .toLowerCase(Locale.ROOT);
        if (!hex.matches("[0-9a-f]{" + digits + "}")
                || !Character.isValidCodePoint(Integer.parseUnsignedInt(hex, 16))) {
            throw new TemplateException("a broken escape \\" + literal.charAt(from - 1) + hex, line);
        }
        return Integer.parseUnsignedInt(hex, 16);
    }
}
