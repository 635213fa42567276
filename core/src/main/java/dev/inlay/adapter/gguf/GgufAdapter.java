package dev.inlay.adapter.gguf;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Modulation;
import dev.inlay.adapter.gate.Trigger;
import dev.inlay.adapter.gate.TriggerGate;
import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Gate;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Site;
import dev.inlay.model.files.AtomicFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A low-rank adapter as a GGUF file for llama.cpp.
 *
 * <table>
 * <caption>Keys</caption>
 * <tr><td>{@code general.type}</td><td>text, {@code adapter}</td></tr>
 * <tr><td>{@code general.architecture}</td><td>text, that of the model: {@link GgufArchitecture}</td></tr>
 * <tr><td>{@code adapter.type}</td><td>text, {@code lora}</td></tr>
 * <tr><td>{@code adapter.lora.alpha}</td><td>float32; the scale applied to a module is alpha / rank</td></tr>
 * <tr><td>{@code adapter.alora.invocation_tokens}</td><td>list of uint32; only where it acts from a trigger on</td></tr>
 * </table>
 *
 * <p>Tensors: {@code WEIGHT.lora_a} [rank, in] and {@code WEIGHT.lora_b} [out, rank] for each adapted weight; also where the
 * base stores its weight [in, out], because GGUF stores all of them [out, in]. There is one alpha for all modules, so it
 * is {@code scale * rank} of the first, and the quotient of another module's is multiplied into its {@code lora_b}. Where
 * the architecture interleaves, the rows of {@code lora_b} of queries and keys are in the order of its weights.
 */
public final class GgufAdapter {
    private static final String TYPE_KEY = "general.type";
    private static final String ARCHITECTURE_KEY = "general.architecture";
    private static final String METHOD_KEY = "adapter.type";
    private static final String ALPHA_KEY = "adapter.lora.alpha";
    private static final String INVOCATION_KEY = "adapter.alora.invocation_tokens";
    private static final String DOWN = ".lora_a";
    private static final String UP = ".lora_b";
    /** Quotients of scales nearer to 1 than float32 can tell are left out. */
    private static final double NO_QUOTIENT = 0x1p-23;

    private final ModelDirectory model;
    private final GgufArchitecture architecture;

    private GgufAdapter(ModelDirectory model) {
        this.model = model;
        this.architecture = GgufArchitecture.of(model.config().family())
                .orElseThrow(() -> InlayException.adapter(
                        "the family %s has no rules for GGUF; known are %s",
                        model.config().family(), GgufArchitecture.families()));
    }

    /**
     * Writes an adapter of a model.
     *
     * @param target must not exist
     * @param check compares what was written, read again, with what it should be; throws when it is not
     * @throws InlayException if GGUF cannot express the adapter, naming all that stands in the way
     */
    public static void write(
            Path target, Adapter adapter, ModelDirectory model, GgufType type, AtomicFile.Validation check) {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw InlayException.usage("%s: exists already and is never overwritten; choose another file", target);
        }
        GgufAdapter writer = new GgufAdapter(model);
        writer.requireExpressible(adapter);
        try (Scope scope = Scope.open()) {
            double alpha = writer.alpha(adapter);
            Map<String, Object> keys = new TreeMap<>();
            keys.put(TYPE_KEY, "adapter");
            keys.put(ARCHITECTURE_KEY, writer.architecture.name());
            keys.put(METHOD_KEY, "lora");
            keys.put(ALPHA_KEY, (float) alpha);
            if (adapter.gate() instanceof TriggerGate gate) {
                keys.put(
                        INVOCATION_KEY,
                        gate.trigger().ids().stream()
                                .mapToInt(Integer::intValue)
                                .toArray());
            }
            GgufWriter.write(target, new TreeMap<>(keys), writer.tensors(adapter, alpha, type), check);
        }
    }

    /** Reads an adapter of a model, factors in float32, owned by the innermost scope. */
    public static Adapter read(Path file, ModelDirectory model) {
        try (GgufFile opened = GgufFile.open(file);
                Scope scope = Scope.open()) {
            return new GgufAdapter(model).read(opened).mapTensors(scope::keep);
        }
    }

    // ------------------------------------------------------------------ writing

    private void requireExpressible(Adapter adapter) {
        List<String> obstacles = new ArrayList<>();
        boolean invoked = adapter.gate() instanceof TriggerGate gate && gate.isActivatedLora();
        if (!adapter.gate().equals(Gate.OPEN) && !invoked) {
            obstacles.add("its gate (" + adapter.gate() + ")");
        }
        if (!adapter.modulation().equals(Modulation.NONE)) {
            obstacles.add("its modulation (" + adapter.modulation() + ")");
        }
        if (adapter.targets().contains(Site.HEAD) && model.config().tiedHead()) {
            obstacles.add("a change of the head, which is the embedding and has no tensor there");
        }
        if (adapter.targets().contains(Site.EMBEDDING)) {
            obstacles.add("a change of the embedding");
        }
        adapter.ordered().keySet().stream()
                .filter(site -> !site.equals(Site.EMBEDDING))
                .forEach(site -> {
                    LinearSite place = place(site);
                    if (architecture.weight(place).isEmpty()) {
                        obstacles.add(place.path() + ", which has no name there");
                    }
                    if (architecture.reorders(place)
                            && model.config().attention().headDim() % 2 != 0) {
                        obstacles.add(place.path() + ", whose heads have an odd width");
                    }
                });
        if (!obstacles.isEmpty()) {
            throw InlayException.adapter(
                    "a GGUF adapter cannot express %s; merge the adapter instead (inlay merge)",
                    String.join("; nor ", obstacles));
        }
    }

    private LinearSite place(Site site) {
        return model.sites().stream()
                .filter(place -> place.site().equals(site))
                .findFirst()
                .orElseThrow(
                        () -> InlayException.adapter("the adapter changes %s, which this model does not have", site));
    }

    private double alpha(Adapter adapter) {
        LowRank first = adapter.ordered().values().iterator().next();
        // 0 would mean scale 1 there.
        float alpha = (float) (first.scale() * first.rank());
        if (alpha == 0 || !Float.isFinite(alpha)) {
            throw InlayException.adapter("a scale of %s cannot be written as a float32 other than 0", first.scale());
        }
        return alpha;
    }

    private List<GgufWriter.Entry> tensors(Adapter adapter, double alpha, GgufType type) {
        List<GgufWriter.Entry> tensors = new ArrayList<>();
        adapter.ordered().forEach((site, factors) -> {
            LinearSite place = place(site);
            String name = architecture.weight(place).orElseThrow();
            double quotient = factors.scale() * factors.rank() / alpha;
            Tensor up = ordered(place, factors.up().detached(), true);
            Tensor scaled = Math.abs(quotient - 1) < NO_QUOTIENT
                    ? up
                    : up.to(DType.FLOAT64).times(quotient);
            tensors.add(entry(name + DOWN, type, factors.down().detached()));
            tensors.add(entry(name + UP, type, scaled));
        });
        return tensors;
    }

    private static GgufWriter.Entry entry(String name, GgufType type, Tensor values) {
        Tensor stored = values.to(type.computed());
        if (!stored.isFinite()) {
            throw InlayException.adapter(
                    "tensor %s: values up to %.3g do not fit %s, or are not finite; choose F32",
                    name, values.maxAbs(), type);
        }
        return new GgufWriter.Entry(name, type, stored);
    }

    /**
     * Rows of queries and keys in the other order: per head of width d, row 2i + p there is row p * d / 2 + i here.
     *
     * @param up [out, rank]
     * @param outward from here to there; false for the way back
     */
    private Tensor ordered(LinearSite place, Tensor up, boolean outward) {
        if (!architecture.reorders(place)) {
            return up;
        }
        int width = model.config().attention().headDim();
        long[] order = new long[(int) up.size(0)];
        int half = width / 2;
        for (int row = 0; row < order.length; row++) {
            int inHead = row % width;
            int other = outward ? inHead % 2 * half + inHead / 2 : inHead % half * 2 + inHead / half;
            order[row] = (long) row - inHead + other;
        }
        return up.rows(Tensor.of(order, order.length));
    }

    // ------------------------------------------------------------------ reading

    private Adapter read(GgufFile file) {
        requireText(file, TYPE_KEY, "adapter");
        requireText(file, ARCHITECTURE_KEY, architecture.name());
        requireText(file, METHOD_KEY, "lora");
        double alpha = file.number(ALPHA_KEY)
                .map(Float::doubleValue)
                .orElseThrow(() -> InlayException.adapter("%s: %s is missing or no float32", file.path(), ALPHA_KEY));
        Set<String> rest = new HashSet<>(file.tensors().keySet());
        Map<Site, LowRank> factors = new LinkedHashMap<>();
        for (LinearSite place : model.sites()) {
            String name = architecture.weight(place).orElse("");
            boolean absent = place.site().equals(Site.HEAD) && model.config().tiedHead();
            if (!absent && rest.removeAll(Set.of(name + DOWN, name + UP))) {
                factors.put(place.site(), factors(file, place, name, alpha));
            }
        }
        if (!rest.isEmpty() || factors.isEmpty()) {
            throw InlayException.adapter(
                    "%s: %s", file.path(), rest.isEmpty() ? "holds no factors" : "no place in this model for " + rest);
        }
        return Adapter.of(factors).with(gate(file));
    }

    private static Gate gate(GgufFile file) {
        if (!file.has(INVOCATION_KEY)) {
            return Gate.OPEN;
        }
        List<Integer> ids = file.numbers(INVOCATION_KEY)
                .map(numbers -> Arrays.stream(numbers).boxed().toList())
                .filter(numbers -> !numbers.isEmpty() && numbers.stream().allMatch(id -> id >= 0))
                .orElseThrow(() ->
                        InlayException.adapter("%s: %s is no list of token ids (uint32)", file.path(), INVOCATION_KEY));
        return TriggerGate.of(Trigger.of(ids));
    }

    private LowRank factors(GgufFile file, LinearSite place, String name, double alpha) {
        Tensor down = finite(file, name + DOWN);
        Tensor up = finite(file, name + UP);
        LowRank stored = new LowRank(up, down, alpha == 0 ? 1 : alpha / down.size(0));
        if (stored.in() != place.in() || stored.out() != place.out()) {
            throw InlayException.adapter(
                    "%s: %s changes a map of %d to %d, the model's is of %d to %d",
                    file.path(), name, stored.in(), stored.out(), place.in(), place.out());
        }
        return new LowRank(ordered(place, up, false), down, stored.scale());
    }

    private static Tensor finite(GgufFile file, String name) {
        Tensor values = file.load(name).to(DType.FLOAT32);
        if (values.rank() != 2 || !values.isFinite()) {
            throw InlayException.adapter("%s: %s is no matrix of finite values", file.path(), name);
        }
        return values;
    }

    private static void requireText(GgufFile file, String key, String expected) {
        String found = file.text(key).orElse("nothing");
        if (!found.equals(expected)) {
            throw InlayException.adapter("%s: %s must be \"%s\", found \"%s\"", file.path(), key, expected, found);
        }
    }
}
