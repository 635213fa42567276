package dev.inlay.adapter.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.LinearSite;
import dev.inlay.model.Projection;
import dev.inlay.model.Site;
import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.files.SafetensorsWriter;
import dev.inlay.model.files.StoredType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeftDirectoryTest {
    private static final LinearSite QUERY =
            new LinearSite(new Site(0, Projection.QUERY), "model.layers.0.self_attn.q_proj", 6, 4, false, false);
    private static final LinearSite DOWN =
            new LinearSite(new Site(0, Projection.DOWN), "model.layers.0.mlp.down_proj", 8, 6, false, false);
    private static final LinearSite HEAD = new LinearSite(Site.HEAD, "lm_head", 6, 10, false, false);
    private static final BaseModel BASE =
            new BaseModel("llama", List.of(QUERY, DOWN, HEAD), true, "sha256:" + "0".repeat(64), TextHashes.NONE);
    private static final Ranks RANKS = Ranks.uniform(2, 6, false);
    private static final PeftConfig CONFIG = configOf("q_proj", "down_proj");
    private static final Provenance MADE =
            new Provenance("0.1.0", "lora", "tiny", "F32", BASE.fingerprint(), BASE.text(), "run-1");

    @TempDir
    Path folder;

    private Scope scope;
    private Path written;

    @BeforeEach
    void open() {
        scope = Scope.open();
        written = folder.resolve("adapter");
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        Adapter adapter = write();
        LoadedAdapter loaded = read(BASE);
        assertThat(loaded.config()).isEqualTo(CONFIG);
        assertThat(loaded.provenance()).contains(MADE);
        assertThat(loaded.notes()).isEmpty();
        assertThat(loaded.adapter().targets()).isEqualTo(adapter.targets());
        adapter.factors().forEach((site, factor) -> {
            LowRank found = loaded.adapter().factors().get(site);
            assertThat(found.scale()).isEqualTo(3.0);
            assertThat(found.up().toFloats()).isEqualTo(factor.up().toFloats());
            assertThat(found.down().toFloats()).isEqualTo(factor.down().toFloats());
        });
    }

    @Test
    void whatIsReadAndWrittenAgainHasTheSameBytes() throws IOException {
        write();
        LoadedAdapter loaded = read(BASE);
        Path again = folder.resolve("again");
        new PeftWriter(BASE, loaded.config(), loaded.provenance().orElseThrow())
                .write(again, loaded.adapter(), AtomicDirectory.Existing.REFUSE);
        assertThat(files(again)).isEqualTo(files(written)).hasSize(3);
        for (String name : files(written)) {
            assertThat(again.resolve(name)).hasSameBinaryContentAs(written.resolve(name));
        }
    }

    @Test
    void weightsHaveTheNamesShapesAndMetadataOfPeft() {
        write();
        try (SafetensorsFile file = SafetensorsFile.open(written.resolve("adapter_model.safetensors"))) {
            assertThat(file.metadata()).containsEntry("format", "pt").containsEntry("inlay.variant", "lora");
            assertThat(file.tensors())
                    .containsOnlyKeys(
                            "base_model.model.model.layers.0.mlp.down_proj.lora_A.weight",
                            "base_model.model.model.layers.0.mlp.down_proj.lora_B.weight",
                            "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
                            "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight");
            assertThat(file.tensor("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight")
                            .shape())
                    .containsExactly(2, 6);
        }
    }

    @Test
    void occupiedDirectoryIsNeverOverwritten() {
        write();
        assertThatThrownBy(this::write).isInstanceOf(InlayException.class).hasMessageContaining("exists already");
    }

    @Test
    void halfPrecisionFactorsAreReadAsFloat32() {
        Adapter adapter = write();
        List<NewTensor> halves = new ArrayList<>();
        adapter.factors().forEach((site, factor) -> {
            String path = site.equals(QUERY.site()) ? QUERY.path() : DOWN.path();
            halves.add(half(StoredFactors.downName(path), factor.down()));
            halves.add(half(StoredFactors.upName(path), factor.up()));
        });
        replaceWeights(halves);
        Tensor up = read(BASE).adapter().factors().get(QUERY.site()).up();
        assertThat(up.dtype()).isEqualTo(DType.FLOAT32);
        Tensor original = adapter.factors().get(QUERY.site()).up();
        assertThat(up.toFloats())
                .isEqualTo(original.to(DType.BFLOAT16).to(DType.FLOAT32).toFloats());
    }

    @Test
    void A1_noConfiguration() {
        assertRefused(folder, "has no adapter_config.json");
        assertRefused(folder.resolve("absent"), "there is no such directory");
    }

    @Test
    void A1_modelInsteadOfAdapter() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{}");
        assertRefused(folder, "it looks like a model");
    }

    @Test
    void A1_noWeights() throws IOException {
        write();
        Files.delete(written.resolve("adapter_model.safetensors"));
        assertRefused(written, "has no adapter_model.safetensors");
    }

    @Test
    void A1_onlyAPickle() throws IOException {
        write();
        Files.move(written.resolve("adapter_model.safetensors"), written.resolve("adapter_model.bin"));
        assertRefused(written, "a pickle can run code and is never read");
    }

    @Test
    void A1_safetensorsWinsOverAPickle() throws IOException {
        write();
        Files.writeString(written.resolve("adapter_model.bin"), "not even a pickle");
        assertThat(read(BASE).adapter().factors()).hasSize(2);
    }

    @Test
    void brokenWeightsAreABadAdapter() throws IOException {
        write();
        Files.writeString(written.resolve("adapter_model.safetensors"), "x");
        assertRefused(written, "adapter_model.safetensors");
    }

    @Test
    void A6_shapeOfAnotherBase() {
        write();
        LinearSite wider = new LinearSite(QUERY.site(), QUERY.path(), 12, 4, false, false);
        BaseModel other = new BaseModel("llama", List.of(wider, DOWN, HEAD), true, BASE.fingerprint(), BASE.text());
        assertThatThrownBy(() -> read(other)).hasMessageContaining("a map of 6 to 4, and the base's is of 12 to 4");
    }

    @Test
    void A6_rankDiffersFromTheConfiguration() throws IOException {
        write();
        configure("\"r\": 2", "\"r\": 3");
        assertRefused(written, "the factors have rank 2, and adapter_config.json says 3");
    }

    @Test
    void A7_configurationSelectsMoreThanTheFileHas() throws IOException {
        write();
        configure("\"down_proj\",", "\"down_proj\", \"lm_head\",");
        assertRefused(written, "has factors for 2 of 3 targeted modules; missing: lm_head");
    }

    @Test
    void A7_configurationSelectsLessThanTheFileHas() throws IOException {
        write();
        configure("\"down_proj\",", "");
        assertRefused(written, "mlp.down_proj.lora_A.weight is for a module that adapter_config.json does not target");
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void A10_factorThatIsNotFinite(float value) {
        write();
        List<NewTensor> tensors = new ArrayList<>();
        try (SafetensorsFile file = SafetensorsFile.open(written.resolve("adapter_model.safetensors"))) {
            file.tensors().forEach((name, tensor) -> {
                float[] values = new float[(int) tensor.count()];
                values[3] = name.equals(StoredFactors.upName(QUERY.path())) ? value : 1;
                tensors.add(NewTensor.of(name, values, tensor.shape()));
            });
        }
        replaceWeights(tensors);
        assertRefused(written, "q_proj.lora_B.weight holds NaN or infinite values");
    }

    @Test
    void A10_factorThatIsNotFiniteIsNotWrittenAndNothingIsLeft() throws IOException {
        Map<Site, LowRank> factors = new HashMap<>(factors(1));
        Tensor broken = Tensor.of(new float[] {1, 2, 3, 4, Float.NaN, 6, 7, 8}, 4, 2);
        factors.put(QUERY.site(), new LowRank(broken, factors.get(QUERY.site()).down(), 3));
        assertThatThrownBy(() -> writer().write(written, Adapter.of(factors), AtomicDirectory.Existing.REFUSE))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("q_proj.lora_B.weight holds NaN or infinite values");
        assertThat(files(folder)).isEmpty();
    }

    @Test
    void A11_layoutFlagThatContradictsTheBase() throws IOException {
        write();
        configure("\"fan_in_fan_out\": false", "\"fan_in_fan_out\": true");
        assertRefused(written, "fan_in_fan_out is true, and the base stores its weights as [out, in]; set it to false");
        assertThat(PeftDirectory.read(written, BASE, Set.of(Allowance.WRONG_FAN_IN_FAN_OUT))
                        .adapter()
                        .factors())
                .hasSize(2);
    }

    @Test
    void A11_layoutFlagMissingOnABaseThatStoresTransposed() {
        write();
        BaseModel transposed = new BaseModel(
                "gpt2", List.of(transposed(QUERY), transposed(DOWN), HEAD), true, BASE.fingerprint(), BASE.text());
        assertThatThrownBy(() -> read(transposed))
                .hasMessageContaining("stores its weights as [in, out]; set it to true");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "", ".", "..", "a/b", "/etc", "a\\b", "n\u0000l", "\u00e9"})
    void A12_nameThatIsNoName(String name) {
        assertThatThrownBy(() -> PeftDirectory.read(folder, name, BASE, Set.of()))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("must be 1 to 64 letters, digits");
    }

    @Test
    void A12_longNameIsShortenedInTheMessage() {
        assertThatThrownBy(() -> PeftDirectory.read(folder, "a".repeat(300), BASE, Set.of()))
                .hasMessageContaining("a".repeat(80) + "...\" must be");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "my.adapter-2_b"})
    void A12_namedAdapterLiesInItsSubDirectory(String name) {
        written = folder.resolve(name);
        write();
        assertThat(PeftDirectory.read(folder, name, BASE, Set.of()).adapter().factors())
                .hasSize(2);
        assertRefused(folder, "adapters lie in its sub-directories " + name);
    }

    @Test
    void A13_nameOfTheBaseIsNeverFollowed() throws IOException {
        write();
        configure("\"tiny\"", "\"../../../../etc/passwd\"");
        assertThat(read(BASE).config().base().name()).isEqualTo("../../../../etc/passwd");
    }

    @Test
    void A14_filesDeletedWhileTheAdapterIsInUseAreMissedByNobody() throws IOException {
        Adapter adapter = write();
        LoadedAdapter loaded = read(BASE);
        AtomicDirectory.delete(written);
        assertThat(loaded.adapter().factors().get(QUERY.site()).up().toFloats())
                .isEqualTo(adapter.factors().get(QUERY.site()).up().toFloats());
        assertRefused(written, "there is no such directory");
    }

    @Test
    void A3_rankAboveTheMatrixNamesTheFile() throws IOException {
        write();
        configure("\"r\": 2", "\"r\": 2147483647");
        assertRefused(written, "adapter_config.json: rank 2147483647 exceeds the smaller side of model.layers.0");
    }

    @Test
    void otherFingerprintIsRefusedUnlessAllowed() {
        write();
        BaseModel instruct = new BaseModel("llama", BASE.sites(), true, "sha256:" + "1".repeat(64), BASE.text());
        assertThatThrownBy(() -> read(instruct))
                .hasMessageContaining(BASE.fingerprint())
                .hasMessageContaining(instruct.fingerprint());
        assertThat(PeftDirectory.read(written, instruct, Set.of(Allowance.OTHER_BASE))
                        .adapter()
                        .factors())
                .hasSize(2);
    }

    @Test
    void untrainedAdapterIsReportedLoudly() {
        writer().write(written, Adapter.of(factors(0)), AtomicDirectory.Existing.REFUSE);
        assertThat(read(BASE).notes()).singleElement().asString().contains("untrained", "all 2 modules");
    }

    @Test
    void adapterOnATiedHeadIsReadWithANote() {
        PeftConfig head = configOf("lm_head");
        Adapter adapter = Adapter.of(Map.of(Site.HEAD, factor(HEAD, 1)));
        new PeftWriter(BASE, head, MADE).write(written, adapter, AtomicDirectory.Existing.REFUSE);
        assertThat(read(BASE).notes()).singleElement().asString().contains("tied to the embedding");
    }

    @Test
    void configurationThatDoesNotDescribeTheAdapterIsNotWritten() {
        Adapter adapter = Adapter.of(factors(1));
        assertThatThrownBy(() -> new PeftWriter(BASE, configOf("q_proj"), MADE)
                        .write(written, adapter, AtomicDirectory.Existing.REFUSE))
                .hasMessageContaining("changes 2 maps");
        Adapter scaled = Adapter.of(Map.of(
                QUERY.site(),
                new LowRank(factor(QUERY, 1).up(), factor(QUERY, 1).down(), 1),
                DOWN.site(),
                factor(DOWN, 1)));
        assertThatThrownBy(() -> writer().write(written, scaled, AtomicDirectory.Existing.REFUSE))
                .hasMessageContaining("scale 1.0, and its configuration says rank 2 and scale 3.0");
    }

    @Test
    void selectionUsesLastNamesOnlyWhereTheyAreExact() {
        ModuleTree tree = ModuleMatcherTest.tree("gpt2");
        List<String> all =
                List.of("transformer.h.0.attn.c_attn", "transformer.h.1.attn.c_attn", "transformer.h.2.attn.c_attn");
        assertThat(Selection.covering(all, tree).targets()).isEqualTo(new Selector.Names(List.of("c_attn")));
        List<String> attention = List.of("transformer.h.0.attn.c_proj", "transformer.h.1.attn.c_proj");
        assertThat(Selection.covering(attention, tree).targets()).isEqualTo(new Selector.Names(attention));
    }

    private Adapter write() {
        Adapter adapter = Adapter.of(factors(1));
        writer().write(written, adapter, AtomicDirectory.Existing.REFUSE);
        return adapter;
    }

    private static PeftWriter writer() {
        return new PeftWriter(BASE, CONFIG, MADE);
    }

    private LoadedAdapter read(BaseModel base) {
        return PeftDirectory.read(written, base, Set.of());
    }

    private static PeftConfig configOf(String... targets) {
        return new PeftConfig(
                PeftConfig.Base.languageModel("tiny"),
                Selection.of(new Selector.Names(List.of(targets))),
                RANKS,
                0,
                false,
                Start.DEFAULT);
    }

    private static Map<Site, LowRank> factors(double deviation) {
        return Map.of(QUERY.site(), factor(QUERY, deviation), DOWN.site(), factor(DOWN, deviation));
    }

    private static LowRank factor(LinearSite linear, double deviation) {
        return new LowRank(
                Tensor.normal(1, 7, DType.FLOAT32, linear.out(), 2).times(deviation),
                Tensor.normal(1, 8, DType.FLOAT32, 2, linear.in()),
                3);
    }

    private static LinearSite transposed(LinearSite linear) {
        return new LinearSite(linear.site(), linear.path(), linear.in(), linear.out(), true, true);
    }

    private static NewTensor half(String name, Tensor tensor) {
        Tensor half = tensor.to(DType.BFLOAT16);
        return NewTensor.of(
                name, StoredType.BF16, half.shape(), sink -> sink.write(half.bytes(0, (int) half.byteCount())));
    }

    private void replaceWeights(List<NewTensor> tensors) {
        SafetensorsWriter.write(written.resolve("adapter_model.safetensors"), tensors, Map.of());
    }

    private void configure(String before, String after) throws IOException {
        Path file = written.resolve("adapter_config.json");
        String text = Files.readString(file);
        assertThat(text).contains(before);
        Files.writeString(file, text.replace(before, after));
    }

    private static void assertRefused(Path directory, String message) {
        assertThatThrownBy(() -> PeftDirectory.read(directory, BASE, Set.of()))
                .isInstanceOfSatisfying(
                        InlayException.class, e -> assertThat(e.kind()).isEqualTo(InlayException.Kind.ADAPTER))
                .hasMessageContaining(message);
    }

    private static List<String> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
