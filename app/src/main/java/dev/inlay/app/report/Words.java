package dev.inlay.app.report;

import java.util.Locale;
import java.util.regex.Pattern;

/** Numbers and names as people read them. A number that is not known or not finite is a dash. */
final class Words {
    static final String UNKNOWN = "\u2013";
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:@%+=,-]+");
    private static final double GIGABYTE = 1e9;

    private Words() {}

    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    static String count(double number) {
        return finite("%,.0f", number);
    }

    /** A loss in nats. */
    static String loss(double loss) {
        return finite("%.4f", loss);
    }

    static String perplexity(double loss) {
        return finite("%.2f", Math.exp(loss));
    }

    /** Three digits. */
    static String small(double number) {
        return finite("%.3g", number);
    }

    static String gigabytes(double bytes) {
        return finite("%.2f GB", bytes / GIGABYTE);
    }

    static String percent(long part, long whole) {
        return finite("%.1f %%", 100.0 * part / whole);
    }

    static String duration(double seconds) {
        long whole = Math.round(seconds);
        if (whole < 60) {
            return finite("%.1f s", seconds);
        }
        return whole < 3600
                ? String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d h %02d min", whole / 3600, whole % 3600 / 60);
    }

    /** A word of a command line. */
    static String argument(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    private static String finite(String format, double number) {
        return Double.isFinite(number) ? String.format(Locale.ROOT, format, number) : UNKNOWN;
    }
}
