package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the metadata of {@code adapter_model.safetensors} says beyond PEFT, which ignores it. All values are strings.
 *
 * <table>
 * <caption>Keys</caption>
 * <tr><td>{@code format}</td><td>{@code pt}, always</td></tr>
 * <tr><td>{@code inlay.format}</td><td>version of this table: {@value #FORMAT}</td></tr>
 * <tr><td>{@code inlay.version}</td><td>version of the writer</td></tr>
 * <tr><td>{@code inlay.variant}</td><td>{@code lora}, {@code rslora} or {@code dora}; a reader that does not know it refuses</td></tr>
 * <tr><td>{@code inlay.base.name}</td><td>name of the base</td></tr>
 * <tr><td>{@code inlay.base.dtype}</td><td>type of its weights in training, for example {@code BF16}</td></tr>
 * <tr><td>{@code inlay.base.fingerprint}</td><td>{@code sha256:} and 64 hexadecimal digits; tells Base from Instruct</td></tr>
 * <tr><td>{@code inlay.tokenizer.sha256}</td><td>hash of the {@code tokenizer.json} of training, hexadecimal</td></tr>
 * <tr><td>{@code inlay.template.sha256}</td><td>hash of the text of the chat template beside it</td></tr>
 * <tr><td>{@code inlay.run}</td><td>the run that made it</td></tr>
 * </table>
 *
 * <p>An empty string means unknown; the key is then absent from the file.
 */
public record Provenance(
        String version,
        String variant,
        String baseName,
        String baseDtype,
        String fingerprint,
        TextHashes text,
        String run) {
    static final String FORMAT = "1";
    private static final String FORMAT_KEY = "inlay.format";
    private static final String VERSION_KEY = "inlay.version";
    private static final String VARIANT_KEY = "inlay.variant";
    private static final String NAME_KEY = "inlay.base.name";
    private static final String DTYPE_KEY = "inlay.base.dtype";
    private static final String FINGERPRINT_KEY = "inlay.base.fingerprint";
    private static final String TOKENIZER_KEY = "inlay.tokenizer.sha256";
    private static final String TEMPLATE_KEY = "inlay.template.sha256";
    private static final String RUN_KEY = "inlay.run";

    /** The metadata to write, keys sorted. */
    Map<String, String> toMetadata() {
        Map<String, String> metadata = new TreeMap<>();
        metadata.put("format", "pt");
        metadata.put(FORMAT_KEY, FORMAT);
        metadata.put(VERSION_KEY, version);
        metadata.put(VARIANT_KEY, variant);
        metadata.put(NAME_KEY, baseName);
        metadata.put(DTYPE_KEY, baseDtype);
        metadata.put(FINGERPRINT_KEY, fingerprint);
        metadata.put(TOKENIZER_KEY, text.tokenizer());
        metadata.put(TEMPLATE_KEY, text.template());
        metadata.put(RUN_KEY, run);
        metadata.values().removeIf(String::isEmpty);
        return metadata;
    }

    /**
     * Reads the metadata; empty if it is not ours. It is an error if it is of another version, of a variant that we do not
     * run, or in contradiction to the configuration.
     *
     * @param variant what the configuration says
     */
    static Optional<Provenance> of(Map<String, String> metadata, String variant, String source) {
        String format = metadata.get(FORMAT_KEY);
        if (format == null) {
            return Optional.empty();
        }
        if (!format.equals(FORMAT)) {
            throw InlayException.adapter(
                    "%s: %s is \"%s\", this version reads \"%s\"; update Inlay", source, FORMAT_KEY, format, FORMAT);
        }
        String named = text(metadata, VARIANT_KEY);
        requireKnown(source, named, metadata);
        if (!named.equals(variant)) {
            throw InlayException.adapter(
                    "%s: %s is \"%s\", and adapter_config.json says \"%s\" (use_rslora, use_dora, alora_invocation_tokens); one of them was changed",
                    source, VARIANT_KEY, named, variant);
        }
        return Optional.of(new Provenance(
                text(metadata, VERSION_KEY),
                variant,
                text(metadata, NAME_KEY),
                text(metadata, DTYPE_KEY),
                text(metadata, FINGERPRINT_KEY),
                new TextHashes(text(metadata, TOKENIZER_KEY), text(metadata, TEMPLATE_KEY)),
                text(metadata, RUN_KEY)));
    }

    private static void requireKnown(String source, String variant, Map<String, String> metadata) {
        boolean gated = Set.of("alora", "gated").contains(variant);
        if (!gated && !Set.of("lora", "rslora", "dora").contains(variant)) {
            throw InlayException.adapter(
                    "%s: %s is \"%s\"; lora, rslora, dora, alora and gated are run", source, VARIANT_KEY, variant);
        }
        if (gated != metadata.containsKey(GateFile.METADATA)) {
            throw InlayException.adapter(
                    "%s: %s is \"%s\", and %s is %s; one of them was changed",
                    source, VARIANT_KEY, variant, GateFile.METADATA, gated ? "missing" : "there");
        }
    }

    /**
     * Something that must be the same in use as in training.
     *
     * @param what for people
     * @param made in training; empty if the file does not say
     * @param here of the base in use; empty if it has none
     * @param allowance lets a difference pass
     */
    public record Comparison(String what, String made, String here, Allowance allowance) {
        /** What is not known cannot differ. */
        public boolean differs() {
            return !made.isEmpty() && !made.equals(here);
        }
    }

    /** What the adapter was made with, beside what this base has. */
    public List<Comparison> compare(BaseModel base) {
        return List.of(
                new Comparison("base fingerprint", fingerprint, base.fingerprint(), Allowance.OTHER_BASE),
                new Comparison("tokenizer", text.tokenizer(), base.text().tokenizer(), Allowance.OTHER_TOKENIZER),
                new Comparison("chat template", text.template(), base.text().template(), Allowance.OTHER_TEMPLATE));
    }

    /** It is an error if the adapter was trained on another base than this one, or with other text around it. */
    void requireBase(BaseModel base, Set<Allowance> allowed, String source) {
        differences(base, allowed, source).stream().findFirst().ifPresent(first -> {
            throw InlayException.adapter("%s", first);
        });
    }

    /** What differs and is not allowed to, one line each. */
    List<String> differences(BaseModel base, Set<Allowance> allowed, String source) {
        String name = baseName.isEmpty() ? "" : " (" + baseName + ")";
        return compare(base).stream()
                .filter(each -> each.differs() && !allowed.contains(each.allowance()))
                .map(each -> String.format(
                        Locale.ROOT,
                        "%s was trained with the %s %s%s, and this model has %s; use that one, or allow %s",
                        source,
                        each.what(),
                        each.made(),
                        name,
                        each.here().isEmpty() ? "none" : each.here(),
                        each.allowance().word()))
                .toList();
    }

    private static String text(Map<String, String> metadata, String key) {
        return metadata.getOrDefault(key, "");
    }
}
