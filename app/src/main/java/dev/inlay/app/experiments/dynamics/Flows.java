package dev.inlay.app.experiments.dynamics;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import dev.inlay.dynamics.Euclidean;
import dev.inlay.dynamics.FeedForward;
import dev.inlay.dynamics.Head;
import dev.inlay.dynamics.Interaction;
import dev.inlay.dynamics.Linear;
import dev.inlay.dynamics.Matrix;
import dev.inlay.dynamics.Mersenne;
import dev.inlay.dynamics.Normalisation;
import dev.inlay.dynamics.Normalised;
import dev.inlay.dynamics.Rescaled;
import dev.inlay.dynamics.Scheme;
import dev.inlay.dynamics.Spherical;
import dev.inlay.dynamics.TokenFlow;
import dev.inlay.dynamics.Weights;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** Flows and schemes as a setting names them. */
final class Flows {
    /** What is drawn for the flow itself, apart from the start, the head and the change. */
    private static final long OWN = 1;

    private Flows() {}

    /**
     * {@code rescaled}, {@code euclidean}, {@code sphere}, {@code linear}, or {@code feed-forward ACTIVATION MATRIX} with
     * activation {@code relu}, {@code tanh} or {@code gelu}; the matrix behind it is the identity where none is named.
     */
    static TokenFlow flow(Setting setting, Weights weights) {
        Interaction interaction = interaction(setting);
        int n = setting.tokens();
        int d = setting.dimension();
        List<Head> heads = weights.at(0);
        String[] words = setting.space().split("\\s+");
        require(
                words[0].equals("sphere") || setting.normalisation().equals("post"),
                "normalisation %s needs space sphere, was %s",
                setting.normalisation(),
                setting.space());
        require(
                !(setting.isTimed() || setting.isResampled())
                        || List.of("sphere", "euclidean").contains(words[0]),
                "weights that change with time need space sphere or euclidean, was %s",
                setting.space());
        require(words.length == 1 || words[0].equals("feed-forward"), "space %s has no more words", words[0]);
        return switch (words[0]) {
            case "euclidean" -> new Euclidean(n, d, weights, interaction);
            case "sphere" -> onSphere(setting, new Spherical(n, d, weights, interaction));
            case "linear" -> new Linear(n, heads, interaction);
            case "feed-forward" -> {
                String matrix =
                        words.length > 2 ? String.join(" ", Arrays.copyOfRange(words, 2, words.length)) : "identity";
                Matrix out = Texts.matrix(matrix, "space", d, Mersenne.ofRun(setting.seed(), OWN));
                yield new FeedForward(n, heads, out, activation(Texts.word(words, 1, "space")), interaction);
            }
            default -> new Rescaled(n, heads, interaction);
        };
    }

    static Interaction interaction(Setting setting) {
        double beta = setting.beta();
        return new Interaction(Texts.rule(setting.rule()), setting.causal(), t -> beta);
    }

    private static DoubleUnaryOperator activation(String name) {
        return switch (name) {
            case "relu" -> x -> Math.max(0, x);
            case "tanh" -> Math::tanh;
            // The approximation by tanh (Hendrycks and Gimpel 2016).
            case "gelu" -> x -> x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
            default -> throw InlayException.usage("an activation is relu, tanh or gelu, was \"%s\"", name);
        };
    }

    /**
     * {@code post}, {@code pre LENGTH}, {@code peri LENGTH}, {@code mix TIME LENGTH}, {@code ngpt ALPHA} or {@code sqrt};
     * a length is that of all tokens at time 0.
     */
    private static TokenFlow onSphere(Setting setting, Spherical sphere) {
        String[] words = setting.normalisation().split("\\s+");
        return switch (words[0]) {
            case "post" -> sphere;
            case "pre" -> new Normalised(sphere, new Normalisation.Pre(), positive(words, 1));
            case "peri" -> new Normalised(sphere, new Normalisation.Peri(), positive(words, 1));
            case "mix" -> new Normalised(sphere, new Normalisation.Mix(positive(words, 1)), positive(words, 2));
            case "ngpt" -> new Normalised(sphere, new Normalisation.NormalisedStep(positive(words, 1)), 1);
            case "sqrt" -> new Normalised(sphere, new Normalisation.SquareRoot(), 1);
            default ->
                throw InlayException.usage(
                        "normalisation must be post, \"pre LENGTH\", \"peri LENGTH\", \"mix TIME LENGTH\", \"ngpt"
                                + " ALPHA\" or sqrt, was \"%s\"",
                        setting.normalisation());
        };
    }

    private static double positive(String[] words, int k) {
        double number = Texts.number(Texts.word(words, k, "normalisation"), "normalisation");
        require(number > 0, "normalisation: a number above 0 is expected, was %s", number);
        return number;
    }

    /** Schemes with fixed steps; {@code euler-maruyama NOISE} draws the same noise for base and changed run. */
    static Scheme scheme(Setting setting, List<Head> heads) {
        String[] words = setting.scheme().split("\\s+");
        return switch (words[0]) {
            case "euler" -> new Scheme.Euler();
            case "projected-euler" -> new Scheme.ProjectedEuler();
            case "geodesic" -> new Scheme.Geodesic();
            case "euler-maruyama" -> {
                double noise = Texts.number(Texts.word(words, 1, "scheme"), "scheme");
                require(noise >= 0, "scheme: the noise must not be below 0, was %s", noise);
                yield new Scheme.EulerMaruyama(noise, Mersenne.ofRun(setting.seed(), OWN + 1));
            }
            case "exponential" -> {
                if (!heads.stream().allMatch(head -> head.value().isScalar())) {
                    throw InlayException.usage("the exponential scheme needs value matrices that are multiples of I");
                }
                yield new Scheme.Exponential(heads.stream()
                        .mapToDouble(head -> head.value().get(0, 0))
                        .sum());
            }
            default -> new Scheme.RungeKutta();
        };
    }
}
