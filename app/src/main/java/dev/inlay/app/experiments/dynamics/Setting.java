package dev.inlay.app.experiments.dynamics;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is simulated. In files and on the command line each part is a text under its name; {@link #of} checks them all.
 *
 * @param space {@code rescaled}, {@code euclidean}, {@code sphere} or what else {@link Flows#flow} reads
 * @param normalisation on the sphere: {@code post} or what else {@link Flows} reads
 * @param rule {@code softmax}, {@code hardmax}, {@code kernel} or {@code sinkhorn N}
 * @param causal whether token i sees the tokens j &lt;= i only
 * @param heads number of heads that add
 * @param score A, as {@link Texts#matrix} reads it, of all heads or of each ({@link Heads})
 * @param value V, likewise
 * @param resample time after which A and V, where they are drawn, are drawn anew; infinite for {@code never}
 * @param start tokens at time 0, as {@link Texts#start} reads them
 * @param change of the second run, as {@link Heads#changed} reads it; {@code none} for no second run
 * @param scheme {@code adaptive}, {@code reference}, {@code rk4}, {@code euler}, {@code projected-euler}, {@code geodesic},
 *     {@code exponential} or {@code euler-maruyama NOISE}
 * @param step of schemes with fixed steps
 * @param time T
 * @param delta within which a token belongs to a cluster
 */
public record Setting(
        String space,
        String normalisation,
        String rule,
        boolean causal,
        double beta,
        int tokens,
        int dimension,
        int heads,
        String score,
        String value,
        double resample,
        String start,
        String change,
        String scheme,
        double step,
        double time,
        double delta,
        long seed) {
    private static final String NEVER = "never";

    /** Behind a change that is drawn anew for each step. */
    static final String PER_LAYER = "per-layer";

    private static final int MOST_HEADS = 1_000;

    /** Most numbers in the states of a run that are kept. */
    private static final double MOST_NUMBERS = 1e8;

    /** Names and defaults, in the order of showing. */
    public static final Map<String, String> DEFAULTS = defaults();

    private static Map<String, String> defaults() {
        Map<String, String> defaults = new LinkedHashMap<>();
        defaults.put("space", "rescaled");
        defaults.put("normalisation", "post");
        defaults.put("rule", "softmax");
        defaults.put("causal", "false");
        defaults.put("beta", "1");
        defaults.put("tokens", "20");
        defaults.put("dimension", "2");
        defaults.put("heads", "1");
        defaults.put("score", "identity");
        defaults.put("value", "identity");
        defaults.put("resample", NEVER);
        defaults.put("start", "uniform -1 1");
        defaults.put("change", "none");
        defaults.put("scheme", "adaptive");
        defaults.put("step", "0.1");
        defaults.put("time", "20");
        defaults.put("delta", "0.1");
        defaults.put("seed", "0");
        return Collections.unmodifiableMap(defaults);
    }

    public Setting {
        require(tokens >= 1 && tokens <= 100_000, "tokens must be from 1 to 100000, was %d", tokens);
        require(dimension >= 1 && dimension <= 10_000, "dimension must be from 1 to 10000, was %d", dimension);
        require(heads >= 1 && heads <= MOST_HEADS, "heads must be from 1 to %d, was %d", MOST_HEADS, heads);
        require(time > 0 && time <= 1e12, "time must be above 0 and at most 1e12, was %s", time);
        require(step > 0 && step <= 1e6, "step must be above 0 and at most 1e6, was %s", step);
        require(delta > 0, "delta must be above 0, was %s", delta);
        require(resample > 0, "resample must be above 0 or never, was %s", resample);
        boolean anew = Double.isFinite(resample);
        require(!anew || resample >= step, "resample must be at least the step %s, was %s", step, resample);
        require(
                !(anew || isTimed(change)) || isEuler(scheme),
                "weights that change with time need a scheme that asks for them once a step: euler, projected-euler,"
                        + " geodesic or euler-maruyama; scheme is %s",
                scheme);
        require(
                !anew
                        || Stream.of(score, value)
                                .flatMap(text -> Heads.split(text).stream())
                                .anyMatch(Texts::isDrawn),
                "resample draws score and value anew, but neither is drawn; use gaussian, uniform, psd, symmetric or"
                        + " sparse");
        require(
                !anew || time / resample * heads * dimension * dimension <= MOST_NUMBERS,
                "%s draws of %d heads in %d dimensions are more than are kept; draw less often",
                Math.ceil(time / resample),
                heads,
                dimension);
        boolean fixed = isStepped(scheme);
        require(
                !fixed || time / step * tokens * dimension <= MOST_NUMBERS,
                "%s steps of %d tokens in %d dimensions are more than are kept; use larger steps or scheme adaptive",
                Math.ceil(time / step),
                tokens,
                dimension);
    }

    /**
     * Reads texts by name; what is not named has its default.
     *
     * @throws InlayException for an unknown name or a text that is not of its kind
     */
    public static Setting of(Map<String, String> texts) {
        Map<String, String> all = new LinkedHashMap<>(DEFAULTS);
        texts.forEach((name, text) -> {
            if (!DEFAULTS.containsKey(name)) {
                throw InlayException.usage("unknown setting \"%s\"; settings are: %s", name, DEFAULTS.keySet());
            }
            all.put(name, text.strip());
        });
        return new Setting(
                oneOf(all, "space", List.of("rescaled", "euclidean", "sphere", "linear", "feed-forward")),
                String.valueOf(all.get("normalisation")),
                String.valueOf(all.get("rule")),
                oneOf(all, "causal", List.of("true", "false")).equals("true"),
                number(all, "beta"),
                (int) whole(all, "tokens", 100_000),
                (int) whole(all, "dimension", 10_000),
                (int) whole(all, "heads", MOST_HEADS),
                String.valueOf(all.get("score")),
                String.valueOf(all.get("value")),
                resample(all),
                String.valueOf(all.get("start")),
                String.valueOf(all.get("change")),
                oneOf(
                        all,
                        "scheme",
                        List.of(
                                "adaptive",
                                "reference",
                                "rk4",
                                "euler",
                                "projected-euler",
                                "geodesic",
                                "exponential",
                                "euler-maruyama")),
                number(all, "step"),
                number(all, "time"),
                number(all, "delta"),
                whole(all, "seed", Long.MAX_VALUE));
    }

    /** The texts that give this setting again. */
    public Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("space", space);
        texts.put("normalisation", normalisation);
        texts.put("rule", rule);
        texts.put("causal", String.valueOf(causal));
        texts.put("beta", plain(beta));
        texts.put("tokens", String.valueOf(tokens));
        texts.put("dimension", String.valueOf(dimension));
        texts.put("heads", String.valueOf(heads));
        texts.put("score", score);
        texts.put("value", value);
        texts.put("resample", isResampled() ? plain(resample) : NEVER);
        texts.put("start", start);
        texts.put("change", change);
        texts.put("scheme", scheme);
        texts.put("step", plain(step));
        texts.put("time", plain(time));
        texts.put("delta", plain(delta));
        texts.put("seed", String.valueOf(seed));
        return texts;
    }

    /** Whether there is a second run. */
    public boolean isPaired() {
        return !change.equals("none");
    }

    /** Whether the change is another one at another time. */
    boolean isTimed() {
        return isTimed(change);
    }

    private static boolean isTimed(String change) {
        return change.endsWith(PER_LAYER) || Heads.isWindow(change);
    }

    /** Whether A and V are drawn anew in the course of a run. */
    boolean isResampled() {
        return Double.isFinite(resample);
    }

    private static boolean isEuler(String scheme) {
        return List.of("euler", "projected-euler", "geodesic", "euler-maruyama").contains(scheme.split("\\s+", 2)[0]);
    }

    /** Whether the scheme has steps of one size. */
    boolean isStepped() {
        return isStepped(scheme);
    }

    private static boolean isStepped(String scheme) {
        return !scheme.equals("adaptive") && !scheme.equals("reference");
    }

    /** What about the flow no bound is known for; empty where bounds are. */
    Optional<String> unbounded() {
        return first(
                List.of("rescaled", "euclidean", "sphere").contains(space) ? "" : "space " + space,
                normalisation.equals("post") ? "" : "normalisation " + normalisation,
                scheme.startsWith("euler-maruyama") ? "noise" : "",
                isTimed() ? "a change that depends on time" : "",
                isResampled() ? "weights that are drawn anew" : "");
    }

    /** What about it the statements of the theory do not speak of; empty where they do. */
    Optional<String> untold() {
        return first(unbounded().orElse(""), heads > 1 ? "several heads" : "");
    }

    private static Optional<String> first(String... texts) {
        return Arrays.stream(texts).filter(text -> !text.isEmpty()).findFirst();
    }

    static String plain(double number) {
        return number == Math.rint(number) && Math.abs(number) < 1e15
                ? String.format(Locale.ROOT, "%.0f", number)
                : String.valueOf(number);
    }

    /** A text whose first word is one of the choices. */
    private static String oneOf(Map<String, String> texts, String name, List<String> choices) {
        String text = String.valueOf(texts.get(name));
        if (!choices.contains(text.split("\\s+", 2)[0])) {
            throw InlayException.usage("%s must be one of %s, was \"%s\"", name, String.join(", ", choices), text);
        }
        return text;
    }

    private static double resample(Map<String, String> texts) {
        return NEVER.equals(texts.get("resample")) ? Double.POSITIVE_INFINITY : number(texts, "resample");
    }

    private static double number(Map<String, String> texts, String name) {
        return Texts.number(String.valueOf(texts.get(name)), name);
    }

    private static long whole(Map<String, String> texts, String name, long greatest) {
        String text = String.valueOf(texts.get(name));
        try {
            long number = Long.parseLong(text);
            require(number >= 0 && number <= greatest, "%s must be from 0 to %d, was %d", name, greatest, number);
            return number;
        } catch (NumberFormatException e) {
            throw InlayException.usage("%s must be a whole number, was \"%s\"", name, text)
                    .causedBy(e);
        }
    }
}
