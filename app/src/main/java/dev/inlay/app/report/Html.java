package dev.inlay.app.report;

import dev.inlay.OneLine;
import java.util.List;
import java.util.function.Consumer;

/**
 * HTML that grows from its start to its end. Tags and the names of attributes are ours; every text and every value of an
 * attribute is escaped, so that nothing that a file holds can act on the page.
 */
final class Html {
    private final StringBuilder html = new StringBuilder();

    /**
     * A column of a table.
     *
     * @param isNumber whether its cells stand to the right
     */
    record Column(String name, boolean isNumber) {
        static Column text(String name) {
            return new Column(name, false);
        }

        static Column number(String name) {
            return new Column(name, true);
        }
    }

    /** An element with a text; {@code attributes} are names and values in turn. */
    void element(String tag, String text, String... attributes) {
        element(tag, inner -> inner.text(text), attributes);
    }

    /** An element with others in it. */
    void element(String tag, Consumer<Html> content, String... attributes) {
        html.append('<').append(tag);
        for (int i = 0; i < attributes.length; i += 2) {
            html.append(' ').append(attributes[i]).append("=\"");
            text(attributes[i + 1]);
            html.append('"');
        }
        html.append('>');
        content.accept(this);
        html.append("</").append(tag).append('>');
    }

    /** A text in which control characters and those that turn the direction of writing are made harmless. */
    void text(String text) {
        OneLine.of(text).chars().forEach(c -> {
            switch (c) {
                case '&' -> html.append("&amp;");
                case '<' -> html.append("&lt;");
                case '>' -> html.append("&gt;");
                case '"' -> html.append("&quot;");
                case '\'' -> html.append("&#39;");
                default -> html.append((char) c);
            }
        });
    }

    void lineBreak() {
        html.append("<br>");
    }

    /** A section with its heading. */
    void section(String title, Consumer<Html> content) {
        element("section", inner -> {
            inner.element("h2", title);
            content.accept(inner);
        });
    }

    /** A section that is one table, which the heading names. */
    void section(String title, List<Column> columns, List<List<String>> rows) {
        section(title, section -> section.table(title, table -> {}, columns, rows));
    }

    /** A table whose first column names the rows; it scrolls on its own where the page is too narrow. */
    void table(String caption, List<Column> columns, List<List<String>> rows) {
        table(caption, table -> table.element("caption", caption), columns, rows);
    }

    private void table(String name, Consumer<Html> caption, List<Column> columns, List<List<String>> rows) {
        element(
                "div",
                box -> box.element("table", table -> {
                    caption.accept(table);
                    table.element(
                            "thead",
                            head -> head.element(
                                    "tr",
                                    row -> columns.forEach(column -> row.element(
                                            "th",
                                            column.name(),
                                            "scope",
                                            "col",
                                            "class",
                                            column.isNumber() ? "number" : "text"))));
                    table.element(
                            "tbody",
                            body -> rows.forEach(cells -> body.element("tr", row -> {
                                for (int i = 0; i < cells.size(); i++) {
                                    row.cell(cells.get(i), columns.get(i), i == 0);
                                }
                            })));
                }),
                "class",
                "table",
                "tabindex",
                "0",
                "role",
                "region",
                "aria-label",
                name);
    }

    private void cell(String text, Column column, boolean isName) {
        String kind = column.isNumber() ? "number" : "text";
        if (isName) {
            element("th", text, "scope", "row", "class", kind);
        } else {
            element("td", text, "class", kind);
        }
    }

    /** The HTML so far. */
    @Override
    public String toString() {
        return html.toString();
    }
}
