package dev.inlay.adapter.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Probe;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Pass;
import dev.inlay.model.Rows;
import dev.inlay.model.Site;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.files.StoredTensor;
import dev.inlay.model.files.StoredType;
import dev.inlay.model.files.Weights;
import dev.inlay.testing.Golden;
import dev.inlay.testing.SharedData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Merged models against what they are made of, and against the logits that peft records. */
class MergeTest {
    @TempDir
    Path folder;

    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    static Stream<Arguments> models() {
        return Stream.of("llama-gqa-untied", "llama-tied-llama3-rope", "llama-linear-rope", "gpt2-tied", "gpt2-untied")
                .flatMap(model -> Stream.of("lora", "rslora-patterns", "qv").map(name -> Arguments.of(model, name)));
    }

    @ParameterizedTest
    @MethodSource("models")
    void mergedEqualsUnmergedAndWhatPeftRecords(String model, String name) {
        ModelDirectory base = base(model);
        Adapter adapter = adapter(model, name, base);
        Path merged = folder.resolve("merged");
        MergeReport report = Merge.write(base, adapter, MergeOptions.DEFAULT, merged);

        assertThat(report.changed()).isEqualTo(adapter.factors().size());
        assertThat(report.drift().total().largest()).isLessThan(1e-5);
        assertThat(report.drift().effect().largest()).isGreaterThan(1e-2);
        Map<String, Tensor> cases = Golden.tensors(Golden.path(model).resolve("cases.safetensors"));
        Pass pass = Pass.over(Rows.of(Golden.ids(cases.get("row0.input_ids"))));
        try (Decoder decoder = Decoder.load(merged, Device.CPU)) {
            Tensor logits = decoder.logits(decoder.hidden(pass), pass);
            assertThat(Golden.difference(cases.get("row0." + name + ".logits"), logits))
                    .isLessThan(3e-5);
        }
    }

    static List<String> families() {
        return Golden.FAMILIES;
    }

    /** Fused maps, maps in the order of the heads, and soft caps behind them. */
    @ParameterizedTest
    @MethodSource("families")
    void everyFamilyMergedInFloat32EqualsWhatPeftRecords(String model) {
        ModelDirectory base = base(model);
        Adapter adapter = adapter(model, "lora", base);
        Path merged = folder.resolve("merged");
        MergeReport report = Merge.write(base, adapter, MergeOptions.DEFAULT.with(Precision.FLOAT32), merged);
        assertThat(report.changed()).isEqualTo(adapter.factors().size());
        Map<String, Tensor> cases = Golden.tensors(Golden.path(model).resolve("cases.safetensors"));
        Pass pass = Pass.over(Rows.of(Golden.ids(cases.get("row0.input_ids"))));
        try (Decoder decoder = Decoder.load(merged, Device.CPU)) {
            Tensor logits = decoder.logits(decoder.hidden(pass), pass);
            assertThat(Golden.difference(cases.get("row0.lora.logits"), logits)).isLessThan(3e-5);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void onlyTheAdaptedWeightsDifferFromTheBase(String model, String name) {
        ModelDirectory base = base(model);
        Adapter adapter = adapter(model, name, base);
        Path merged = folder.resolve("merged");
        Merge.write(base, adapter, MergeOptions.DEFAULT, merged);
        Set<String> adapted = new TreeSet<>();
        base.sites().stream()
                .filter(place -> adapter.targets().contains(place.site()))
                .forEach(place -> adapted.add(base.weightName(place)));
        assertThat(differing(base.path(), merged)).isEqualTo(adapted);
    }

    @Test
    void theWeightsAreTheSumRoundedOnce() {
        ModelDirectory base = base("gpt2-untied");
        Adapter adapter = adapter("gpt2-untied", "lora", base);
        Path merged = folder.resolve("merged");
        Merge.write(base, adapter, MergeOptions.DEFAULT, merged);
        LinearSite place = base.sites().stream()
                .filter(site -> adapter.targets().contains(site.site()))
                .findFirst()
                .orElseThrow();
        assertThat(place.storedTransposed()).isTrue();
        LowRank factors = adapter.factors().get(place.site());
        double[] up = factors.up().toDoubles();
        double[] down = factors.down().toDoubles();
        int rank = (int) factors.rank();
        double[] before = values(base.path(), base.weightName(place));
        double[] after = values(merged, base.weightName(place));
        for (int in = 0; in < place.in(); in++) {
            for (int out = 0; out < place.out(); out++) {
                double sum = 0;
                for (int r = 0; r < rank; r++) {
                    sum += up[out * rank + r] * down[r * place.in() + in];
                }
                int at = in * place.out() + out;
                float expected = (float) (before[at] + factors.scale() * sum);
                assertThat(Math.abs(after[at] - expected)).isLessThanOrEqualTo(Math.ulp(expected));
            }
        }
    }

    @Test
    void configurationAndTokenizerKeepTheirBytesAndNothingElseGoesAlong() throws IOException {
        Path model = copy(Golden.path("llama-gqa-untied").resolve("model"));
        for (String file : List.of("tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "merges.txt")) {
            Files.writeString(model.resolve(file), "content of " + file);
        }
        Files.createDirectory(model.resolve("additional_chat_templates"));
        Files.writeString(model.resolve("additional_chat_templates/tools.jinja"), "{{ messages }}");
        for (String file : List.of("pytorch_model.bin", "training_args.bin", "modeling_llama.py", "optimizer.pt")) {
            Files.writeString(model.resolve(file), "stays");
        }
        ModelDirectory base = ModelDirectory.open(model);
        Path merged = folder.resolve("merged");
        Merge.write(base, adapter("llama-gqa-untied", "lora", base), MergeOptions.DEFAULT, merged);
        assertThat(files(merged))
                .containsExactly(
                        "additional_chat_templates/tools.jinja",
                        "chat_template.jinja",
                        "config.json",
                        "generation_config.json",
                        "merges.txt",
                        "model.safetensors",
                        "tokenizer.json",
                        "tokenizer_config.json");
        for (String file : files(merged)) {
            if (!file.equals("model.safetensors")) {
                assertThat(merged.resolve(file)).hasSameBinaryContentAs(model.resolve(file));
            }
        }
    }

    @Test
    void shardsStayShards() {
        ModelDirectory base = ModelDirectory.open(Golden.path("llama-gqa-untied-sharded/model"));
        Path merged = folder.resolve("merged");
        Merge.write(base, adapter("llama-gqa-untied", "lora", base), MergeOptions.DEFAULT, merged);
        assertThat(files(merged))
                .contains(
                        "model-00001-of-00002.safetensors",
                        "model-00002-of-00002.safetensors",
                        "model.safetensors.index.json")
                .doesNotContain("model.safetensors");
        try (Weights weights = Weights.open(merged)) {
            assertThat(weights.notes()).isEmpty();
        }
        Path single = folder.resolve("single");
        ModelDirectory one = base("llama-gqa-untied");
        Merge.write(one, adapter("llama-gqa-untied", "lora", one), MergeOptions.DEFAULT, single);
        assertThat(differing(single, merged)).isEmpty();
    }

    @Test
    void metadataNamesTheBaseAndTheAdapterAndTheCaller() {
        ModelDirectory base = base("gpt2-tied");
        Path merged = folder.resolve("merged");
        MergeOptions options = MergeOptions.DEFAULT.withMetadata(Map.of("inlay.version", "9.9"));
        Merge.write(base, adapter("gpt2-tied", "lora", base), options, merged);
        try (SafetensorsFile file = SafetensorsFile.open(merged.resolve("model.safetensors"))) {
            assertThat(file.metadata())
                    .containsEntry("format", "pt")
                    .containsEntry("inlay.format", "1")
                    .containsEntry("inlay.version", "9.9")
                    .containsEntry("inlay.base.fingerprint", BaseModel.of(base).fingerprint())
                    .hasEntrySatisfying(
                            "inlay.merged.adapters",
                            digest -> assertThat(digest).matches("sha256:[0-9a-f]{64}"));
        }
    }

    @Test
    void mergingAgainGivesTheSameBytes() throws IOException {
        ModelDirectory base = base("llama-gqa-untied");
        Adapter adapter = adapter("llama-gqa-untied", "lora", base);
        Merge.write(base, adapter, MergeOptions.DEFAULT, folder.resolve("one"));
        Merge.write(base, adapter, MergeOptions.DEFAULT, folder.resolve("two"));
        assertThat(files(folder.resolve("one"))).isEqualTo(files(folder.resolve("two")));
        for (String file : files(folder.resolve("one"))) {
            assertThat(folder.resolve("one").resolve(file))
                    .hasSameBinaryContentAs(folder.resolve("two").resolve(file));
        }
    }

    @Test
    void mergingTheOppositeGivesTheBaseBackButForRounding() {
        ModelDirectory base = base("llama-gqa-untied");
        Adapter adapter = adapter("llama-gqa-untied", "lora", base);
        Map<Site, LowRank> opposite = new TreeMap<>();
        adapter.factors().forEach((site, f) -> opposite.put(site, new LowRank(f.up(), f.down(), -f.scale())));
        Path there = folder.resolve("there");
        Path back = folder.resolve("back");
        Merge.write(base, adapter, MergeOptions.DEFAULT, there);
        Merge.write(ModelDirectory.open(there), Adapter.of(opposite), MergeOptions.DEFAULT, back);
        for (LinearSite place : base.sites()) {
            double[] original = values(base.path(), base.weightName(place));
            double[] returned = values(back, base.weightName(place));
            double[] between = values(there, base.weightName(place));
            for (int i = 0; i < original.length; i++) {
                double bound = Math.ulp((float) original[i]) + Math.ulp((float) between[i]);
                assertThat(Math.abs(original[i] - returned[i])).isLessThanOrEqualTo(bound);
            }
        }
        try (SafetensorsFile file = SafetensorsFile.open(back.resolve("model.safetensors"))) {
            assertThat(file.metadata().get("inlay.merged.adapters").split(" ")).hasSize(2);
        }
    }

    @Tag("data")
    @ParameterizedTest
    @CsvSource({"stories260K/hf, AS_BASE, 1e-4", "stories260K/hf, BFLOAT16, 0.5", "gpt-nano-sort/hf, AS_BASE, 1e-4"})
    void realModelsMergeWithinTheirRounding(String model, Precision precision, double tolerance) {
        ModelDirectory base = ModelDirectory.open(SharedData.require(model));
        Map<Site, LowRank> factors = new TreeMap<>();
        for (LinearSite place : base.sites()) {
            if (!place.site().equals(Site.HEAD)) {
                Tensor up = Tensor.normal(0.03, 7, DType.FLOAT32, place.out(), 4);
                Tensor down = Tensor.normal(0.1, 8, DType.FLOAT32, 4, place.in());
                factors.put(place.site(), new LowRank(up, down, 2));
            }
        }
        MergeOptions options = MergeOptions.DEFAULT.with(precision);
        Drift drift = Merge.write(base, Adapter.of(factors), options, folder.resolve("merged"))
                .drift();
        assertThat(drift.total().largest()).isLessThan(tolerance);
        assertThat(drift.effect().largest()).isGreaterThan(10 * drift.total().largest());
    }

    // ------------------------------------------------------------------ element types

    @ParameterizedTest
    @CsvSource({"bfloat16, 4e-3, BF16", "float16, 5e-4, F16"})
    void halfPrecisionDriftsByTheRoundingOfItsWeights(String type, double unit, StoredType stored) {
        ModelDirectory base = base("llama-gqa-untied-" + type);
        Adapter adapter = adapter("llama-gqa-untied", "lora", base);
        Path merged = folder.resolve("merged");
        Drift drift = Merge.write(base, adapter, MergeOptions.DEFAULT, merged).drift();

        assertThat(drift.total().largest()).isBetween(1e-5, 100 * unit);
        assertThat(drift.total().divergence()).isBetween(0.0, 1e-3);
        assertThat(drift.roundingShare()).isGreaterThan(0.9);
        try (Weights before = Weights.open(base.path());
                Weights after = Weights.open(merged)) {
            for (LinearSite place : base.sites()) {
                String name = base.weightName(place);
                assertThat(after.tensor(name).type()).isEqualTo(stored);
                LowRank factors = adapter.factors().get(place.site());
                if (factors != null) {
                    Tensor exact = before.load(name, DType.FLOAT64)
                            .plus(factors.dense().to(DType.FLOAT64));
                    double error = Golden.difference(exact, after.load(name, DType.FLOAT64));
                    assertThat(error).isPositive().isLessThanOrEqualTo(unit * exact.maxAbs());
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32, F32, 1e-5", "FLOAT64, F64, 1e-5", "FLOAT16, F16, 0.1"})
    void anotherElementTypeIsWrittenWhenAsked(Precision precision, StoredType type, double tolerance) {
        ModelDirectory base = base("llama-gqa-untied-bfloat16");
        Path merged = folder.resolve("merged");
        MergeOptions options = MergeOptions.DEFAULT.with(precision);
        MergeReport report = Merge.write(base, adapter("llama-gqa-untied", "lora", base), options, merged);
        assertThat(report.drift().total().largest()).isLessThan(tolerance);
        try (Weights weights = Weights.open(merged)) {
            assertThat(weights.names())
                    .allSatisfy(name -> assertThat(weights.tensor(name).type()).isEqualTo(type));
        }
        JsonObject config = Json.readObject(merged.resolve("config.json"));
        assertThat(config.text("dtype")).isEqualTo(precision.name().toLowerCase(java.util.Locale.ROOT));
        assertThat(ModelDirectory.open(merged).notes()).isEmpty();
    }

    // ------------------------------------------------------------------ tied heads

    @ParameterizedTest
    @CsvSource({"llama-tied-llama3-rope, model", "gpt2-tied, model", "gpt2-tied-original, model"})
    void untiedHeadIsATensorOfItsOwnAndTheEmbeddingStays(String model, String directory) {
        ModelDirectory base = ModelDirectory.open(Golden.path(model).resolve(directory));
        Adapter adapter = headAdapter(base);
        Path merged = folder.resolve("merged");
        MergeReport report = Merge.write(base, adapter, MergeOptions.DEFAULT.with(TiedHead.UNTIE), merged);

        assertThat(report.untied()).isTrue();
        assertThat(report.drift().total().largest()).isLessThan(1e-5);
        assertThat(report.drift().effect().largest()).isGreaterThan(1e-2);
        JsonObject config = Json.readObject(merged.resolve("config.json"));
        assertThat(config.flag("tie_word_embeddings")).isFalse();
        assertThat(config.keys())
                .containsAll(Json.readObject(base.path().resolve("config.json")).keys());
        ModelDirectory untied = ModelDirectory.open(merged);
        assertThat(untied.config().tiedHead()).isFalse();
        assertThat(untied.omittedPrefix()).isEmpty();
        assertThat(values(merged, untied.embeddingName())).isEqualTo(values(base.path(), base.embeddingName()));
        assertThat(values(merged, "lm_head.weight")).isNotEqualTo(values(base.path(), base.embeddingName()));
    }

    @Test
    void tiedHeadThatIsNotAdaptedStaysTied() throws IOException {
        ModelDirectory base = base("gpt2-tied");
        Path merged = folder.resolve("merged");
        MergeOptions options = MergeOptions.DEFAULT.with(TiedHead.UNTIE);
        MergeReport report = Merge.write(base, adapter("gpt2-tied", "lora", base), options, merged);
        assertThat(report.untied()).isFalse();
        assertThat(merged.resolve("config.json"))
                .hasSameBinaryContentAs(base.path().resolve("config.json"));
    }

    @Test
    void probesOfOneModelAreAlwaysTheSameAndWithinItsVocabulary() {
        ModelDirectory base = base("gpt2-tied");
        int[] ids = Probe.of(base.config()).rows().ids();
        assertThat(ids).isEqualTo(Probe.of(base.config()).rows().ids()).hasSizeGreaterThan(32);
        assertThat(Arrays.stream(ids).boxed())
                .allMatch(id -> id >= 0 && id < base.config().vocabulary());
    }

    // ------------------------------------------------------------------ helpers

    static ModelDirectory base(String model) {
        return ModelDirectory.open(Golden.path(model).resolve("model"));
    }

    static Adapter adapter(String model, String name, ModelDirectory base) {
        Path directory = Golden.path(model).resolve("adapters").resolve(name);
        return PeftDirectory.read(directory, BaseModel.of(base), Set.of()).adapter();
    }

    static Adapter headAdapter(ModelDirectory base) {
        long vocabulary = base.config().vocabulary();
        long width = base.config().width();
        Tensor up = Tensor.normal(0.1, 5, DType.FLOAT32, vocabulary, 2);
        Tensor down = Tensor.normal(0.1, 6, DType.FLOAT32, 2, width);
        return Adapter.of(Map.of(Site.HEAD, new LowRank(up, down, 2)));
    }

    private Path copy(Path model) throws IOException {
        Path copy = Files.createDirectory(folder.resolve("model"));
        try (Stream<Path> entries = Files.list(model)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                Files.copy(entry, copy.resolve(entry.getFileName().toString()));
            }
        }
        return copy;
    }

    private static List<String> files(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> directory.relativize(file).toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static double[] values(Path model, String name) {
        try (Weights weights = Weights.open(model);
                Scope inner = Scope.open()) {
            return weights.load(name).toDoubles();
        }
    }

    /** Names of tensors whose type, shape or bytes are not the same. */
    private static Set<String> differing(Path expected, Path actual) {
        Set<String> differing = new TreeSet<>();
        try (Weights before = Weights.open(expected);
                Weights after = Weights.open(actual)) {
            List<String> names = new ArrayList<>(before.names());
            assertThat(after.names()).containsExactlyElementsOf(names);
            for (String name : names) {
                if (!bytes(before, name).equals(bytes(after, name))
                        || before.tensor(name).type() != after.tensor(name).type()) {
                    differing.add(name);
                }
            }
        }
        return differing;
    }

    private static ByteBuffer bytes(Weights weights, String name) {
        StoredTensor stored = weights.tensor(name);
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(stored.bytes()));
        weights.file(name).read(stored, 0, bytes);
        return bytes.flip();
    }
}
