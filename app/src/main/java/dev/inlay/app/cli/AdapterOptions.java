package dev.inlay.app.cli;

import dev.inlay.InlayException;
import dev.inlay.adapter.Initialisation;
import dev.inlay.adapter.peft.Beside;
import dev.inlay.adapter.peft.LayerFilter;
import dev.inlay.adapter.peft.NamePattern;
import dev.inlay.adapter.peft.Ranks;
import dev.inlay.adapter.peft.Selection;
import dev.inlay.adapter.peft.Selector;
import dev.inlay.adapter.peft.Start;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which maps a new adapter changes, and how strongly. */
@SuppressWarnings("NullAway.Init") // picocli sets what has a default
final class AdapterOptions {
    private static final Pattern NAMES = Pattern.compile("[\\w.-]+(,[\\w.-]+)*");
    private static final Pattern LAYERS = Pattern.compile("(\\d{1,3})(?:-(\\d{1,3}))?");

    @Option(
            names = "--rank",
            paramLabel = "R",
            defaultValue = "16",
            description = "Rank of the change of each map. Default: ${DEFAULT-VALUE}.")
    int rank;

    @Option(
            names = "--alpha",
            paramLabel = "A",
            description = "The change is scaled by alpha / rank. Default: twice the rank (32 for rank 16).")
    @Nullable
    Double alpha;

    @Option(
            names = "--rank-pattern",
            split = ",",
            paramLabel = "NAME=R",
            description = "Other ranks for maps whose path ends in a name or regular expression:"
                    + " v_proj=8,layers\\.0\\.mlp\\.up_proj=4. Default: none.")
    List<String> rankPattern = List.of();

    @Option(
            names = "--alpha-pattern",
            split = ",",
            paramLabel = "NAME=A",
            description = "Other values of alpha, likewise; a rank of its own changes no alpha. Default: none.")
    List<String> alphaPattern = List.of();

    @Option(
            names = "--init",
            paramLabel = "KIND",
            defaultValue = "uniform",
            description =
                    "How factors begin: uniform (V uniform, U zero) or gaussian (V normal, U zero), both as no change;"
                            + " or random (both uniform): a change from the start. Default: ${DEFAULT-VALUE}.")
    Initialisation init;

    @Option(
            names = "--rslora",
            negatable = true,
            fallbackValue = "true",
            defaultValue = "false",
            description = "Scale by alpha / sqrt(rank) instead. Default: ${DEFAULT-VALUE}.")
    boolean rslora;

    @Option(
            names = "--dora",
            negatable = true,
            fallbackValue = "true",
            defaultValue = "false",
            description = "Train the length of each weight's rows beside the change of their direction (DoRA); without"
                    + " dropout. Default: ${DEFAULT-VALUE}.")
    boolean dora;

    @Option(
            names = "--dropout",
            paramLabel = "P",
            defaultValue = "0",
            description = "Probability that an input of the adapter is dropped in training. Default: ${DEFAULT-VALUE}.")
    double dropout;

    @Option(
            names = "--targets",
            paramLabel = "NAMES",
            defaultValue = "all-linear",
            description =
                    "Maps to change: names separated by commas (q_proj,v_proj), all-linear (all but the head), or a"
                            + " regular expression over whole paths. Default: ${DEFAULT-VALUE}.")
    String targets;

    @Option(
            names = "--exclude",
            paramLabel = "NAMES",
            description = "Maps to leave out, as names or a regular expression. Default: none.")
    @Nullable
    String exclude;

    @Option(names = "--layers", paramLabel = "LIST", description = "Layers to change, from 0: 0-3,7. Default: all.")
    @Nullable
    String layers;

    /** Puts in what follows from other settings, so that the configuration shows it. */
    void resolve() {
        alpha = numerator();
    }

    private double numerator() {
        return alpha == null ? 2.0 * rank : alpha;
    }

    Beside beside() {
        InlayException.require(
                !dora || dropout == 0,
                "--dora is trained without dropout, and --dropout is %s; leave one out",
                dropout);
        return dora ? Beside.DORA : Beside.NOTHING;
    }

    Ranks ranks() {
        InlayException.require(rank >= 1, "--rank must be at least 1, was %d", rank);
        double numerator = numerator();
        InlayException.require(
                numerator > 0 && Double.isFinite(numerator), "--alpha must be a number above 0, was %s", numerator);
        try {
            return new Ranks(
                    rank,
                    numerator,
                    rslora,
                    exceptions("--rank-pattern", rankPattern, Integer::valueOf),
                    exceptions("--alpha-pattern", alphaPattern, Double::valueOf));
        } catch (InlayException e) {
            throw e.as(InlayException.Kind.USAGE);
        }
    }

    private static <V> List<Ranks.Except<V>> exceptions(String flag, List<String> texts, Function<String, V> number) {
        List<Ranks.Except<V>> exceptions = new ArrayList<>();
        for (String text : texts) {
            int sign = text.lastIndexOf('=');
            InlayException.require(sign > 0, "%s must be such as v_proj=8, found \"%s\"", flag, text);
            try {
                NamePattern pattern = NamePattern.ending(flag, text.substring(0, sign));
                exceptions.add(new Ranks.Except<>(pattern, number.apply(text.substring(sign + 1))));
            } catch (NumberFormatException e) {
                throw InlayException.usage("%s must end in a number, found \"%s\"", flag, text)
                        .causedBy(e);
            }
        }
        return exceptions;
    }

    /** {@link #init} as PEFT has it. */
    Start start() {
        return switch (init) {
            case UNIFORM -> Start.DEFAULT;
            case GAUSSIAN -> Start.GAUSSIAN;
            case RANDOM -> Start.RANDOM;
        };
    }

    Selection selection() {
        return new Selection(
                targets.equals("all-linear") ? new Selector.AllLinear() : selector(targets),
                exclude == null ? Selector.NOTHING : selector(exclude),
                new LayerFilter(layers(), List.of()));
    }

    private static Selector selector(String text) {
        return NAMES.matcher(text).matches()
                ? new Selector.Names(Arrays.asList(text.split(",")))
                : new Selector.Expression(NamePattern.whole("the command line", text));
    }

    private List<Integer> layers() {
        List<Integer> numbers = new ArrayList<>();
        if (layers != null) {
            for (String part : layers.split(",", -1)) {
                Matcher range = LAYERS.matcher(part.strip());
                InlayException.require(
                        range.matches(), "--layers must be numbers and ranges such as 0-3,7; found \"%s\"", part);
                int first = Integer.parseInt(range.group(1));
                int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
                InlayException.require(first <= last, "--layers: the range \"%s\" runs backwards", part);
                for (int layer = first; layer <= last; layer++) {
                    numbers.add(layer);
                }
            }
        }
        return numbers;
    }
}
