package dev.inlay.adapter.exchange;

import dev.inlay.InlayException;
import dev.inlay.adapter.peft.Allowance;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.ModuleTree;
import dev.inlay.adapter.peft.PeftConfig;
import dev.inlay.adapter.peft.Ranks;
import dev.inlay.adapter.peft.Selection;
import dev.inlay.adapter.peft.Start;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.RegularFile;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.files.SafetensorsWriter;
import dev.inlay.model.files.StrictUtf8;
import dev.inlay.model.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes a PEFT directory of an adapter whose tensors only have other names: older and damaged forms of PEFT's layout, and
 * bare files of factors. Tensors keep their bytes and a configuration its text; whether the result is right is then for
 * the strict reader to say.
 */
public final class PeftImport {
    private static final String INVOCATION = "invocation_string";
    private static final int LARGEST_CONFIG = 16 << 20;
    private static final Pattern FACTOR = Pattern.compile("base_model\\.model\\.(?<path>.+)\\.lora_[AB]\\.weight");

    private final Path source;
    private final PeftOutput output;

    private PeftImport(Path source, PeftOutput output) {
        this.source = source;
        this.output = output;
    }

    /**
     * Converts a directory in the layout {@link Layout#PEFT}.
     *
     * @param target must not exist
     */
    public static Converted named(Path source, ModelDirectory model, Set<Allowance> allowed, Path target) {
        PeftImport importing = new PeftImport(source, PeftOutput.of(model, allowed, target));
        Path config = source.resolve(Layout.CONFIG);
        importing.requireConvertible(Json.readObject(config));
        String text = StrictUtf8.decode(RegularFile.read(config, LARGEST_CONFIG), config.toString());
        importing.requireOtherNames();
        return importing.write(source.resolve(Layout.PEFT_WEIGHTS), Optional.of(text), Optional.empty());
    }

    private void requireOtherNames() {
        try (SafetensorsFile file = SafetensorsFile.open(source.resolve(Layout.PEFT_WEIGHTS))) {
            Map<String, String> names =
                    renamed(source.resolve(Layout.PEFT_WEIGHTS), file).names();
            if (names.keySet().stream().allMatch(name -> name.equals(names.get(name)))) {
                throw InlayException.usage(
                        "%s: is in PEFT's layout already; look at it with: inlay check %s --model DIR", source, source);
            }
        }
    }

    private FactorNames.Renamed renamed(Path weights, SafetensorsFile file) {
        Set<String> modules =
                output.base().sites().stream().map(LinearSite::path).collect(Collectors.toSet());
        return FactorNames.of(weights, file.tensors().keySet(), modules::contains);
    }

    /**
     * Converts an Activated LoRA of before PEFT had them: {@code invocation_string} names the text behind whose first token
     * the adapter acts. PEFT acts from the first of its ids on, so the ids of the text without the first say the same.
     *
     * @param target must not exist
     */
    public static Converted activated(Path source, ModelDirectory model, Set<Allowance> allowed, Path target) {
        PeftImport importing = new PeftImport(source, PeftOutput.of(model, allowed, target));
        Path config = source.resolve(Layout.CONFIG);
        JsonObject keys = Json.readObject(config);
        String invocation = keys.text(INVOCATION);
        int[] ids;
        try (Tokenizer tokenizer = Tokenizer.load(model.path())) {
            ids = tokenizer.encodeTemplated(invocation).ids();
        }
        if (ids.length < 2) {
            throw InlayException.adapter(
                    "%s: %s \"%s\" is %d token of this model; behind the first there must be one",
                    config, INVOCATION, invocation, ids.length);
        }
        Map<String, Object> changed = new TreeMap<>();
        keys.keys().forEach(key -> changed.put(key, keys.get(key)));
        changed.remove(INVOCATION);
        changed.put("alora_invocation_tokens", Arrays.copyOfRange(ids, 1, ids.length));
        return importing.write(source.resolve(Layout.PEFT_WEIGHTS), Optional.of(Json.line(changed)), Optional.empty());
    }

    /**
     * Converts a file of factors, or a directory that holds one, in the layout {@link Layout#BARE}.
     *
     * @param ranks rank and alpha, which such a file does not say
     * @param target must not exist
     */
    public static Converted bare(Path source, Ranks ranks, ModelDirectory model, Set<Allowance> allowed, Path target) {
        Path weights = Files.isDirectory(source) ? source.resolve(Layout.PEFT_WEIGHTS) : source;
        PeftImport importing = new PeftImport(source, PeftOutput.of(model, allowed, target));
        return importing.write(weights, Optional.empty(), Optional.of(ranks));
    }

    private void requireConvertible(JsonObject config) {
        if (config.has(INVOCATION)) {
            throw InlayException.adapter(
                    "%s: is an Activated LoRA of before PEFT (%s): it acts behind its invocation only; convert it with"
                            + " --from legacy-alora",
                    source, INVOCATION);
        }
        if (config.has("enable_lora") || config.has("merge_weights")) {
            throw InlayException.adapter(
                    "%s: is of PEFT before 0.3 (enable_lora, merge_weights), which fuses the factors of several maps in"
                            + " one; load it there and save it with a later release",
                    source);
        }
    }

    private Converted write(Path weights, Optional<String> config, Optional<Ranks> ranks) {
        try (SafetensorsFile file = SafetensorsFile.open(weights)) {
            FactorNames.Renamed renamed = renamed(weights, file);
            Map<String, String> names = renamed.names();
            String text = config.orElseGet(() -> config(names, ranks.orElseThrow()));
            return output.write(
                    directory -> fill(directory, file, names, text), Optional.empty(), true, renamed.notes());
        }
    }

    private static void fill(Path directory, SafetensorsFile file, Map<String, String> names, String config)
            throws IOException {
        List<NewTensor> tensors = new ArrayList<>();
        names.forEach((old, name) ->
                tensors.add(NewTensor.copyOf(file, file.tensor(old)).named(name)));
        Files.writeString(directory.resolve(Layout.CONFIG), config);
        SafetensorsWriter.write(directory.resolve(Layout.PEFT_WEIGHTS), tensors, file.metadata());
    }

    private String config(Map<String, String> names, Ranks ranks) {
        Set<String> paths = new TreeSet<>();
        for (String name : names.values()) {
            Matcher factor = FACTOR.matcher(name);
            if (factor.matches()) {
                paths.add(factor.group("path"));
            }
        }
        if (paths.isEmpty()) {
            throw InlayException.adapter("%s: holds no factors; expected names that end in lora_A and lora_B", source);
        }
        return plain(output.base(), paths, ranks, 0, null).toJson();
    }

    /** A configuration that means just these modules. */
    static PeftConfig plain(BaseModel base, Set<String> paths, Ranks ranks, double dropout, @Nullable String name) {
        boolean transposed =
                base.sites().stream().anyMatch(place -> place.storedTransposed() && paths.contains(place.path()));
        return new PeftConfig(
                PeftConfig.Base.languageModel(name),
                Selection.covering(paths, ModuleTree.of(base)),
                ranks,
                dropout,
                transposed,
                Start.DEFAULT);
    }
}
