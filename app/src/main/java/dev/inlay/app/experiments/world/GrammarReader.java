package dev.inlay.app.experiments.world;

import dev.inlay.InlayException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a grammar file. A line without indentation begins a table or a rule; indented lines belong to it.
 *
 * <pre>
 * # a remark
 * table topic: key | area             columns
 *   fishing | water                   one row
 * season: spring | summer             a rule for one word of several, equally likely
 * scene:                              a rule for one sentence of several
 *   -3 {p} waited.                    with its weight (1 where none is given)
 *   -1 {f} slept.
 * </pre>
 *
 * <p>What stands in a rule is described at {@link BodyReader}.
 */
final class GrammarReader {
    private static final Pattern ALTERNATIVE = Pattern.compile("-(\\d*)(?: (.*))?");

    private final Map<String, Node> rules = new LinkedHashMap<>();
    private final Map<String, Table> tables = new LinkedHashMap<>();

    void add(Table table) {
        tables.put(table.name(), table);
    }

    Table table(String name) {
        Table table = tables.get(name);
        if (table == null) {
            throw InlayException.data("the grammar has no table \"%s\"", name);
        }
        return table;
    }

    void read(String source) {
        List<String> block = new ArrayList<>();
        for (String line : source.lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (!line.startsWith(" ") && !block.isEmpty()) {
                block(block);
                block.clear();
            }
            block.add(line.strip());
        }
        block(block);
    }

    private void block(List<String> lines) {
        String head = lines.get(0);
        int colon = head.indexOf(':');
        if (colon < 0) {
            throw InlayException.data("the grammar line \"%s\" has no colon", head);
        }
        String name = head.substring(0, colon);
        String behind = head.substring(colon + 1).strip();
        List<String> below = lines.subList(1, lines.size());
        if (name.startsWith("table ")) {
            List<List<String>> rows = below.stream().map(GrammarReader::cells).toList();
            add(new Table(name.substring("table ".length()), cells(behind), rows));
        } else if (rules.put(name, below.isEmpty() ? BodyReader.words(behind) : alternatives(below)) != null) {
            throw InlayException.data("the grammar has two rules \"%s\"", name);
        }
    }

    private static List<String> cells(String line) {
        return Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
    }

    private static Node alternatives(List<String> lines) {
        List<Node> options = new ArrayList<>();
        List<Double> weights = new ArrayList<>();
        for (String line : lines) {
            Matcher matcher = ALTERNATIVE.matcher(line);
            if (!matcher.matches()) {
                throw InlayException.data("the grammar line \"%s\" is no alternative: it must begin with a dash", line);
            }
            weights.add(matcher.group(1).isEmpty() ? 1.0 : Double.parseDouble(matcher.group(1)));
            String body = matcher.group(2);
            options.add(BodyReader.sentence(body == null ? "" : body));
        }
        return BodyReader.choice(Kind.FORM, options, weights);
    }

    /** Everything read so far. A rule that does not exist is found here, not by the text that first needs it. */
    Grammar grammar() {
        Grammar grammar = Grammar.of(rules, tables);
        for (Node rule : rules.values()) {
            rule.walk(node -> {
                if (node instanceof Node.Call call && rules.keySet().stream().noneMatch(call::reaches)) {
                    throw InlayException.data("the grammar has no rule for %s", call);
                }
            });
        }
        return grammar;
    }
}
