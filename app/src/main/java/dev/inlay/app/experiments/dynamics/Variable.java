package dev.inlay.app.experiments.dynamics;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import dev.inlay.dynamics.Mersenne;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a sweep varies. The name is that of a setting, or a word that occurs in braces in the text of one: {@code eps} in
 * {@code value diagonal 2 -{eps}}.
 *
 * @param values in the order of the grid
 * @param isLog whether they are spread over orders of magnitude
 */
public record Variable(String name, List<Double> values, boolean isLog) {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]*");
    private static final int MOST = 100_000;

    public Variable {
        require(NAME.matcher(name).matches(), "a variable is a word of small letters, was \"%s\"", name);
        require(!values.isEmpty() && values.size() <= MOST, "%s needs 1 to %d values", name, MOST);
        values = List.copyOf(values);
    }

    /** Reads {@code eps=0.1,0.2}, {@code beta=0.1:9:90} (evenly, 90 values) or {@code eps=log:0.001:0.1:28}. */
    public static Variable parse(String text) {
        int sign = text.indexOf('=');
        require(sign > 0, "a variable reads name=values, was \"%s\"", text);
        String name = text.substring(0, sign).strip();
        String values = text.substring(sign + 1).strip();
        boolean log = values.startsWith("log:");
        String[] parts = (log ? values.substring(4) : values).split(":", -1);
        if (parts.length == 1) {
            List<Double> list = Arrays.stream(values.split(",", -1))
                    .map(each -> Texts.number(each.strip(), name))
                    .toList();
            boolean positive = list.stream().allMatch(each -> each > 0);
            double spread = positive ? list.get(list.size() - 1) / list.get(0) : 1;
            return new Variable(name, list, positive && (spread >= 20 || spread <= 0.05));
        }
        if (parts.length != 3) {
            throw InlayException.usage(
                    "%s: values read 1,2,3 or low:high:count or log:low:high:count, was \"%s\"", name, values);
        }
        double low = Texts.number(parts[0], name);
        double high = Texts.number(parts[1], name);
        int count = (int) Texts.number(parts[2], name);
        require(count >= 1 && count <= MOST, "%s: the count must be from 1 to %d, was %d", name, MOST, count);
        require(!log || (low > 0 && high > 0), "%s: logarithms need bounds above 0", name);
        List<Double> list = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            double share = count == 1 ? 0 : k / (double) (count - 1);
            list.add(log ? low * Math.pow(high / low, share) : low + (high - low) * share);
        }
        return new Variable(name, list, log);
    }

    /** A value drawn between the least and the greatest. */
    double draw(Mersenne random) {
        double low = values.stream().mapToDouble(each -> each).min().orElseThrow();
        double high = values.stream().mapToDouble(each -> each).max().orElseThrow();
        double u = random.uniform();
        return isLog ? low * Math.pow(high / low, u) : low + (high - low) * u;
    }
}
