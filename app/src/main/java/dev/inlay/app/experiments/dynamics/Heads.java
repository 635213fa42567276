package dev.inlay.app.experiments.dynamics;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import dev.inlay.dynamics.Head;
import dev.inlay.dynamics.Matrix;
import dev.inlay.dynamics.Mersenne;
import dev.inlay.dynamics.Weights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The heads of a setting: {@code score} and {@code value} are one text for all heads, or one for each with {@code |}
 * between. A text that draws is drawn anew for each head, one that reads a model's layer without {@code head H} is the
 * layer's first, second, ... head.
 */
final class Heads {
    private static final String ADAPTER = "adapter ";
    private static final Pattern NAMED = Pattern.compile("head\\s+(\\d{1,6})\\s+(.*)");
    private static final Pattern WINDOW = Pattern.compile("(.*)\\s+from\\s+(\\S+)\\s+until\\s+(\\S+)");

    /** What is drawn for the k-th time, apart from all else. */
    private static final long RESAMPLED = 1_000;

    private Heads() {}

    /** Draws or reads A and V head by head, so that a setting with more heads keeps those it had. */
    static List<Head> of(Setting setting, Mersenne random) {
        List<String> scores = parts(setting, "score", setting.score());
        List<String> values = parts(setting, "value", setting.value());
        Map<ModelHead, List<Head>> layers = new HashMap<>();
        List<Head> heads = new ArrayList<>();
        for (int h = 0; h < setting.heads(); h++) {
            Optional<ModelHead> score = ModelHead.parse(scores.get(h), h);
            Optional<ModelHead> value = ModelHead.parse(values.get(h), h);
            int d = setting.dimension();
            Matrix a = score.map(each -> read(each, Optional.empty(), layers).score())
                    .orElseGet(matrix(scores.get(h), "score", d, random));
            Matrix v = value.map(each -> read(each, Optional.empty(), layers).value())
                    .orElseGet(matrix(values.get(h), "value", d, random));
            require(
                    a.rows() == d && v.rows() == d,
                    "the head has dimension %d, the setting %d; set dimension to the first",
                    Math.max(a.rows(), v.rows()),
                    d);
            heads.add(new Head(a, v));
        }
        return List.copyOf(heads);
    }

    /** Reads each layer once. */
    private static Head read(ModelHead head, Optional<Path> adapter, Map<ModelHead, List<Head>> layers) {
        return head.of(layers.computeIfAbsent(head.first(), first -> first.layer(adapter)));
    }

    private static Supplier<Matrix> matrix(String text, String name, int d, Mersenne random) {
        return () -> Texts.matrix(text, name, d, random);
    }

    /** The heads of the first run at each time: these, or those that {@code resample} draws in their place. */
    static Weights base(Setting setting, List<Head> first) {
        return anew(
                setting, k -> k == 0 ? first : again(setting, first, Mersenne.ofRun(setting.seed(), RESAMPLED + k)));
    }

    /** The heads after each draw; those of the last one act at the end, too. */
    private static Weights anew(Setting setting, IntFunction<List<Head>> heads) {
        if (!setting.isResampled()) {
            return Weights.tied(heads.apply(0));
        }
        int last = Math.max(0, (int) Math.ceil(setting.time() / setting.resample() - 1e-9) - 1);
        return Weights.perLayer(setting.resample(), k -> heads.apply(Math.min(k, last)));
    }

    /** The heads with whatever was drawn of them drawn again. */
    private static List<Head> again(Setting setting, List<Head> heads, Mersenne random) {
        List<String> scores = parts(setting, "score", setting.score());
        List<String> values = parts(setting, "value", setting.value());
        List<Head> again = new ArrayList<>();
        for (int h = 0; h < heads.size(); h++) {
            Head head = heads.get(h);
            again.add(new Head(
                    Texts.isDrawn(scores.get(h))
                            ? matrix(scores.get(h), "score", setting.dimension(), random)
                                    .get()
                            : head.score(),
                    Texts.isDrawn(values.get(h))
                            ? matrix(values.get(h), "value", setting.dimension(), random)
                                    .get()
                            : head.value()));
        }
        return List.copyOf(again);
    }

    static List<String> split(String text) {
        return Arrays.stream(text.split("\\|", -1)).map(String::strip).toList();
    }

    /** The text of each head. */
    private static List<String> parts(Setting setting, String name, String text) {
        List<String> parts = split(text);
        require(
                parts.size() == 1 || parts.size() == setting.heads(),
                "%s names %d heads, the setting has %d; give one text for all heads or one for each, with | between",
                name,
                parts.size(),
                setting.heads());
        return IntStream.range(0, setting.heads())
                .mapToObj(h -> parts.get(Math.min(h, parts.size() - 1)))
                .toList();
    }

    /**
     * The weights of the second run: {@code adapter DIRECTORY}, what a PEFT adapter makes of the model's heads, or those of
     * {@link #change} at all times, or, with {@code per-layer} at the end of the text, drawn anew for each of the steps.
     * Where the base is drawn anew the change stays: what it draws it draws once. With {@code from T1 until T2} at the end
     * the change acts in this time alone.
     */
    static Weights changed(Setting setting, Weights base, Mersenne random) {
        Matcher window = WINDOW.matcher(setting.change());
        if (!window.matches()) {
            return changed(setting, setting.change(), base, random);
        }
        double from = Texts.number(window.group(2), "change from");
        double until = Texts.number(window.group(3), "change until");
        require(
                0 <= from && from < until,
                "a change acts from a time of at least 0 until a later one, was %s to %s",
                Setting.plain(from),
                Setting.plain(until));
        return Weights.window(base, changed(setting, window.group(1), base, random), from, until);
    }

    /** When the change begins to act. */
    static double begin(Setting setting) {
        Matcher window = WINDOW.matcher(setting.change());
        return window.matches() ? Texts.number(window.group(2), "change from") : 0;
    }

    static boolean isWindow(String change) {
        return WINDOW.matcher(change).matches();
    }

    private static Weights changed(Setting setting, String text, Weights base, Mersenne random) {
        if (text.startsWith(ADAPTER)) {
            return Weights.tied(
                    adapted(setting, Path.of(text.substring(ADAPTER.length()).strip())));
        }
        if (!text.endsWith(Setting.PER_LAYER)) {
            // Not k times an infinite time.
            return anew(setting, k -> change(text, base.at(k == 0 ? 0 : k * setting.resample()), random.copy()));
        }
        String each =
                text.substring(0, text.length() - Setting.PER_LAYER.length()).strip();
        int layers = Math.max(1, (int) Math.round(setting.time() / setting.step()));
        List<List<Head>> all = IntStream.range(0, layers)
                .mapToObj(k -> change(each, base.at(k * setting.step()), random))
                .toList();
        return Weights.perLayer(setting.step(), k -> all.get(Math.min(k, layers - 1)));
    }

    private static List<Head> adapted(Setting setting, Path adapter) {
        List<String> scores = parts(setting, "score", setting.score());
        List<String> values = parts(setting, "value", setting.value());
        Map<ModelHead, List<Head>> layers = new HashMap<>();
        return IntStream.range(0, setting.heads())
                .mapToObj(h -> ModelHead.parse(values.get(h), h)
                        .filter(head -> ModelHead.parse(scores.get(h), h)
                                .filter(head::equals)
                                .isPresent())
                        .orElseThrow(() -> InlayException.usage(
                                "an adapter changes a model's head: set value and score both to \"model DIRECTORY"
                                        + " layer L head H\"")))
                .map(head -> read(head, Optional.of(adapter), layers))
                .toList();
    }

    /** A change of one head as {@link Texts#change} reads it: with {@code head H}, from 0 on, before it of that head, else of the first. */
    static List<Head> change(String text, List<Head> base, Mersenne random) {
        Matcher named = NAMED.matcher(text);
        boolean isNamed = named.matches();
        int head = isNamed ? Integer.parseInt(named.group(1)) : 0;
        require(head < base.size(), "change: there are heads 0 to %d, was %d", base.size() - 1, head);
        List<Head> changed = new ArrayList<>(base);
        changed.set(head, Texts.change(isNamed ? named.group(2) : text, base.get(head), random));
        return List.copyOf(changed);
    }
}
