package dev.inlay.app.experiments.world;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The page {@code docs/guide/world-grammar.md}: the rules with their probabilities instead of weights, and the floors. */
public final class GrammarPage {
    private static final Pattern ALTERNATIVE = Pattern.compile("  -(\\d*)(.*)");

    private GrammarPage() {}

    /** The whole page; a test compares it with the file. */
    public static String markdown() {
        StringBuilder page = new StringBuilder("""
                # The grammar of the small world

                This page is what `./inlay world grammar` prints; a test holds both equal. How to read the marks:
                [world.md](world.md). In front of each alternative stands its probability. Where words are separated by bars,
                each is equally likely.

                ## Floors

                Nats per text, exact, averaged over all worlds: the parts by kind of choice, their sum, and the sum without
                facts. A text of a mixture costs `-ln(share of its register)` on top.
                """);
        for (Split split : List.of(Split.TEST, Split.UNSEEN_NAMES, Split.UNSEEN_COMBINATIONS)) {
            page.append("\n").append(heading(split)).append("\n\n").append(Floors.markdown(split));
        }
        page.append("\n## Rules and tables\n\n```\n");
        probabilities(Grammar.source()).forEach(line -> page.append(line).append('\n'));
        return page.append("```\n").toString();
    }

    private static String heading(Split split) {
        return split == Split.TEST ? "Splits train, valid and test:" : "Split " + split + ":";
    }

    /** The lines of a grammar file, with probabilities where it has weights; without its remarks. */
    static List<String> probabilities(String source) {
        List<String> page = new ArrayList<>();
        List<String> lines =
                source.lines().filter(line -> !line.startsWith("#")).toList();
        for (int i = 0; i < lines.size(); i++) {
            Matcher matcher = ALTERNATIVE.matcher(lines.get(i));
            boolean blank = lines.get(i).isBlank();
            if (matcher.matches()) {
                double chance = weight(lines.get(i)) / sum(lines, i);
                page.add(String.format(Locale.ROOT, "  %.3f%s", chance, matcher.group(2)));
            } else if (!blank || (!page.isEmpty() && !page.get(page.size() - 1).isBlank())) {
                page.add(lines.get(i));
            }
        }
        return page;
    }

    /** The sum of weights of the rule that a line belongs to. */
    private static double sum(List<String> lines, int index) {
        double sum = 0;
        for (int i = index; i >= 0 && ALTERNATIVE.matcher(lines.get(i)).matches(); i--) {
            sum += weight(lines.get(i));
        }
        for (int i = index + 1;
                i < lines.size() && ALTERNATIVE.matcher(lines.get(i)).matches();
                i++) {
            sum += weight(lines.get(i));
        }
        return sum;
    }

    private static double weight(String line) {
        Matcher matcher = ALTERNATIVE.matcher(line);
        return matcher.matches() && !matcher.group(1).isEmpty() ? Double.parseDouble(matcher.group(1)) : 1;
    }
}
