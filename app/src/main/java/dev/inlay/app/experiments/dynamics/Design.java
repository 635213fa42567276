package dev.inlay.app.experiments.dynamics;

import static dev.inlay.InlayException.require;

import dev.inlay.dynamics.Mersenne;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The runs of a sweep: all combinations of the values, or so many random ones. Run k is a function of the design and k
 * alone, so that any part of a sweep can be computed anywhere.
 *
 * @param texts of the setting that is varied
 * @param random number of random runs, each value drawn between least and greatest; 0 for the whole grid
 */
public record Design(Map<String, String> texts, List<Variable> variables, int random, long seed) {
    private static final long MOST = 10_000_000;

    public Design {
        texts = Map.copyOf(texts);
        variables = List.copyOf(variables);
        require(!variables.isEmpty(), "a sweep varies something; name a variable such as eps=log:0.001:0.1:28");
        require(random >= 0, "the number of random runs must not be below 0, was %d", random);
        long all = 1;
        for (Variable each : variables) {
            all = Math.multiplyExact(all, each.values().size());
            require(all <= MOST, "the grid has more than %d runs; use fewer values or random ones", MOST);
        }
    }

    /** Number of runs. */
    public int size() {
        if (random > 0) {
            return random;
        }
        return variables.stream().mapToInt(each -> each.values().size()).reduce(1, (a, b) -> a * b);
    }

    /** Values of the variables in run k; the first variable changes slowest. */
    public double[] values(int k) {
        double[] values = new double[variables.size()];
        Mersenne drawn = Mersenne.ofRun(seed, k);
        int rest = k;
        for (int v = variables.size() - 1; v >= 0; v--) {
            Variable variable = variables.get(v);
            int count = variable.values().size();
            values[v] = random > 0 ? 0 : variable.values().get(rest % count);
            rest /= count;
        }
        for (int v = 0; v < values.length && random > 0; v++) {
            values[v] = variables.get(v).draw(drawn);
        }
        return values;
    }

    /** The setting of run k. */
    public Setting setting(int k) {
        double[] values = values(k);
        Map<String, String> all = new LinkedHashMap<>(texts);
        for (int v = 0; v < values.length; v++) {
            String name = variables.get(v).name();
            String value = Setting.plain(values[v]);
            if (Setting.DEFAULTS.containsKey(name)) {
                all.put(name, value);
                continue;
            }
            String braces = "{" + name + "}";
            require(
                    texts.values().stream().anyMatch(text -> text.contains(braces)),
                    "nothing varies with \"%s\": it is no setting, and no setting holds %s",
                    name,
                    braces);
            all.replaceAll((key, text) -> text.replace(braces, value));
        }
        return Setting.of(all);
    }
}
