package dev.inlay.model.files;

import static dev.inlay.model.files.HostileFile.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.testing.Seeds;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SafetensorsWriterTest {
    @TempDir
    Path directory;

    private static NewTensor raw(String name, StoredType type, byte[] bytes, long... shape) {
        return NewTensor.of(name, type, shape, sink -> sink.write(ByteBuffer.wrap(bytes)));
    }

    private static byte[] content(SafetensorsFile file, String name) {
        StoredTensor tensor = file.tensor(name);
        ByteBuffer bytes = ByteBuffer.allocate((int) tensor.bytes());
        file.read(tensor, 0, bytes);
        return bytes.array();
    }

    private List<String> names() {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(path -> path.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theBytesAreThoseOfTheFormat() throws IOException {
        Path file = directory.resolve("a.safetensors");
        SafetensorsWriter.write(
                file,
                List.of(
                        raw("half", StoredType.F16, new byte[] {1, 2}, 1),
                        NewTensor.of("z", new float[] {1}, 1),
                        NewTensor.of("b", new float[] {2, 3}, 1, 2),
                        raw("wide", StoredType.I64, new byte[8])),
                Map.of("z", "1", "a", "2"));
        String header = "{\"__metadata__\":{\"a\":\"2\",\"format\":\"pt\",\"z\":\"1\"},"
                + "\"wide\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[8,16]},"
                + "\"z\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[16,20]},"
                + "\"half\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[20,22]}}";
        header += " ".repeat((8 - header.length() % 8) % 8);
        byte[] data = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 64, 64, 0, 0, (byte) 128, 63, 1, 2};
        assertThat(Files.readAllBytes(file))
                .isEqualTo(HostileFile.bytes(header.getBytes(StandardCharsets.UTF_8), data));
    }

    @TestFactory
    Stream<DynamicTest> anyTensorsComeBackAsTheyWereInAnyOrderOfWriting() {
        return Seeds.each(50, random -> {
            Map<String, byte[]> contents = new TreeMap<>();
            List<NewTensor> tensors = randomTensors(random, contents);
            Path file = directory.resolve("t.safetensors");
            SafetensorsWriter.write(file, tensors, Map.of("k", "\u00e4\n\"\uD83D\uDE00"));
            byte[] first = RegularFile.read(file, Integer.MAX_VALUE);
            try (SafetensorsFile opened = SafetensorsFile.open(file)) {
                assertThat(opened.metadata())
                        .containsEntry("k", "\u00e4\n\"\uD83D\uDE00")
                        .containsEntry("format", "pt");
                assertThat(opened.tensors().keySet()).isEqualTo(contents.keySet());
                for (NewTensor tensor : tensors) {
                    assertThat(content(opened, tensor.name())).isEqualTo(contents.get(tensor.name()));
                    assertThat(opened.tensor(tensor.name()).shape()).isEqualTo(tensor.shape());
                    assertThat(opened.tensor(tensor.name()).type()).isEqualTo(tensor.type());
                }
            }
            Collections.shuffle(tensors, random);
            SafetensorsWriter.write(file, tensors, Map.of("k", "\u00e4\n\"\uD83D\uDE00"));
            assertThat(RegularFile.read(file, Integer.MAX_VALUE)).isEqualTo(first);
        });
    }

    private static List<NewTensor> randomTensors(Random random, Map<String, byte[]> contents) {
        List<NewTensor> tensors = new ArrayList<>();
        int count = random.nextInt(8);
        while (contents.size() < count) {
            StoredType type = StoredType.values()[random.nextInt(StoredType.values().length)];
            long[] shape =
                    random.ints(random.nextInt(4), 0, 5).mapToLong(size -> size).toArray();
            long bits = type.bits() * Arrays.stream(shape).reduce(1, (a, b) -> a * b);
            String name = "layer." + random.nextInt(1000) + (random.nextBoolean() ? ".\u00fc\uD83D\uDE00/\"x\\" : "");
            if (bits % 8 != 0 || contents.containsKey(name)) {
                continue;
            }
            byte[] bytes = new byte[(int) bits / 8];
            random.nextBytes(bytes);
            contents.put(name, bytes);
            tensors.add(raw(name, type, bytes, shape));
        }
        return tensors;
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeIsWrittenAndRead(StoredType type) {
        Path file = directory.resolve("t.safetensors");
        byte[] bytes = new byte[type.bits()];
        SafetensorsWriter.write(file, List.of(raw("t", type, bytes, 8)), Map.of());
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            assertThat(opened.tensor("t").type()).isEqualTo(type);
        }
    }

    @Test
    void namesThatOccurTwiceOrAreReservedOrHostileAreRefusedAndNothingIsWritten() {
        Path file = directory.resolve("t.safetensors");
        NewTensor a = NewTensor.of("a", new float[1], 1);
        assertThat(refusal(() -> SafetensorsWriter.write(file, List.of(a, a), Map.of()))
                        .getMessage())
                .contains(file.toString(), "'a'", "twice");
        for (String name : new String[] {"__metadata__", "a\nb", "../a"}) {
            List<NewTensor> tensors = List.of(NewTensor.of(name, new float[1], 1));
            assertThat(refusal(() -> SafetensorsWriter.write(file, tensors, Map.of()))
                            .getMessage())
                    .contains("tensor name");
        }
        assertThat(names()).isEmpty();
    }

    @Test
    void aHeaderAboveTheCapIsRefusedBeforeAnythingIsWritten() {
        Map<String, String> huge = Map.of("k", "x".repeat(SafetensorsFile.MAX_HEADER));
        Path file = directory.resolve("t.safetensors");
        assertThat(refusal(() -> SafetensorsWriter.write(file, List.of(), huge)).getMessage())
                .contains("header", "100000000");
        assertThat(names()).isEmpty();
    }

    @Test
    void A10_nonFiniteValuesAreRefusedWhereTheTensorSaysSoAndKeptElsewhere() {
        Path file = directory.resolve("t.safetensors");
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            NewTensor tensor = NewTensor.of("t", new float[] {1, 2, bad}, 3);
            assertThat(refusal(() -> SafetensorsWriter.write(file, List.of(tensor.refusingNonFinite()), Map.of()))
                            .getMessage())
                    .contains("'t'", "element 2", "NaN or infinite");
            assertThat(names()).isEmpty();
        }
        SafetensorsWriter.write(file, List.of(NewTensor.of("t", new float[] {Float.NaN}, 1)), Map.of());
        SafetensorsWriter.write(
                file,
                List.of(NewTensor.of("t", new float[] {Float.MAX_VALUE, -0f, 1e-45f}, 3)
                        .refusingNonFinite()),
                Map.of());
        assertThat(names()).containsExactly("t.safetensors");
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16", "F32", "F64"})
    void nonFiniteValuesAreFoundInEveryTypeAlsoAcrossPieces(StoredType type) {
        int width = type.bits() / 8;
        byte[] infinite = new byte[2 * width];
        infinite[2 * width - 2] = (byte) (type == StoredType.F16 || type == StoredType.F64 ? 0xF0 : 0x80);
        infinite[2 * width - 1] = (byte) (type == StoredType.F16 ? 0x7C : 0x7F);
        NewTensor tensor = NewTensor.of("t", type, new long[] {2}, sink -> {
            for (byte b : infinite) {
                sink.write(ByteBuffer.wrap(new byte[] {b}));
            }
        });
        Path file = directory.resolve("t.safetensors");
        assertThat(refusal(() -> SafetensorsWriter.write(file, List.of(tensor.refusingNonFinite()), Map.of()))
                        .getMessage())
                .contains("element 1");
    }

    @Test
    void contentOfAnotherLengthThanAnnouncedIsABugAndLeavesNothing() {
        for (int length : new int[] {3, 5}) {
            NewTensor tensor = raw("t", StoredType.U8, new byte[length], 4);
            assertThatThrownBy(() -> SafetensorsWriter.write(directory.resolve("t"), List.of(tensor), Map.of()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has " + length + " bytes");
        }
        assertThat(names()).isEmpty();
    }

    @Test
    void tensorsOfTheEngineComeBackBitForBit() {
        Path file = directory.resolve("t.safetensors");
        try (Scope scope = Scope.open()) {
            Tensor x = Tensor.normal(1, 7, DType.FLOAT32, 3, 5);
            List<NewTensor> tensors = new ArrayList<>();
            for (DType type : new DType[] {DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16, DType.INT64}) {
                tensors.add(NewTensor.of(type.name(), x.times(100).to(type).transposed()));
            }
            tensors.add(NewTensor.computed("computed", DType.FLOAT32, new long[] {3, 5}, () -> x.plus(x)));
            SafetensorsWriter.write(file, tensors, Map.of());
            try (SafetensorsFile opened = SafetensorsFile.open(file)) {
                for (DType type :
                        new DType[] {DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16, DType.INT64}) {
                    Tensor loaded = opened.load(opened.tensor(type.name()));
                    assertThat(loaded.dtype()).isEqualTo(type);
                    assertThat(loaded.shape()).containsExactly(5, 3);
                    assertThat(loaded.toDoubles())
                            .isEqualTo(x.times(100).to(type).transposed().toDoubles());
                }
                assertThat(opened.load(opened.tensor("computed")).toFloats())
                        .isEqualTo(x.times(2).toFloats());
            }
        }
    }

    @Test
    void S26_everyHalfPrecisionPatternWidensExactly() {
        short[] patterns = new short[1 << 16];
        IntStream.range(0, patterns.length).forEach(i -> patterns[i] = (short) i);
        ByteBuffer bytes = ByteBuffer.allocate(2 << 16).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(patterns);
        Path file = directory.resolve("t.safetensors");
        SafetensorsWriter.write(
                file,
                List.of(
                        raw("F16", StoredType.F16, bytes.array(), 1 << 16),
                        raw("BF16", StoredType.BF16, bytes.array(), 1 << 16)),
                Map.of());
        try (Scope scope = Scope.open();
                SafetensorsFile opened = SafetensorsFile.open(file)) {
            float[] half = new float[patterns.length];
            float[] brain = new float[patterns.length];
            for (int i = 0; i < patterns.length; i++) {
                half[i] = halfToFloat(i);
                brain[i] = Float.intBitsToFloat(i << 16);
            }
            assertThat(opened.load(opened.tensor("F16"), DType.FLOAT32).toFloats())
                    .isEqualTo(half);
            assertThat(opened.load(opened.tensor("BF16"), DType.FLOAT32).toFloats())
                    .isEqualTo(brain);
        }
    }

    @Test
    void convertingPartByPartIsConvertingTheWhole() {
        int count = 3 * 65_536 + 17;
        float[] values = new float[count];
        ByteBuffer integers = ByteBuffer.allocate(Integer.BYTES * count).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            values[i] = i * 0.7f - 1000;
            integers.putInt(i - 1000);
        }
        Path file = directory.resolve("t.safetensors");
        SafetensorsWriter.write(
                file,
                List.of(
                        NewTensor.of("F32", values, 1, count),
                        raw("I32", StoredType.I32, integers.array(), count),
                        NewTensor.of("empty", new float[0], 0, 3)),
                Map.of());
        try (Scope scope = Scope.open();
                SafetensorsFile opened = SafetensorsFile.open(file)) {
            Tensor whole = opened.load(opened.tensor("F32"));
            Tensor narrow = opened.load(opened.tensor("F32"), DType.BFLOAT16);
            assertThat(narrow.shape()).containsExactly(1, count);
            assertThat(narrow.to(DType.FLOAT32).toFloats())
                    .isEqualTo(whole.to(DType.BFLOAT16).to(DType.FLOAT32).toFloats());
            float[] wide = opened.load(opened.tensor("I32"), DType.FLOAT32).toFloats();
            assertThat(wide[0]).isEqualTo(-1000);
            assertThat(wide[65_536]).isEqualTo(64_536);
            assertThat(wide[count - 1]).isEqualTo(count - 1001);
            assertThat(opened.load(opened.tensor("empty"), DType.BFLOAT16).shape())
                    .containsExactly(0, 3);
        }
    }

    /** By the definition of IEEE 754 binary16. */
    private static float halfToFloat(int bits) {
        int exponent = bits >> 10 & 31;
        int mantissa = bits & 1023;
        double magnitude = exponent == 0
                ? mantissa * 0x1p-24
                : exponent < 31
                        ? (1024 + mantissa) * Math.pow(2, exponent - 25)
                        : mantissa == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        return (float) (bits >> 15 == 0 ? magnitude : -magnitude);
    }

    @Test
    void auxiliaryIntegersAreWidenedAndTypesThatCannotBeComputedAreRefusedOnlyWhenUsed() {
        Path file = directory.resolve("t.safetensors");
        byte[] four = {(byte) 0xFE, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF};
        SafetensorsWriter.write(
                file,
                List.of(
                        raw("i32", StoredType.I32, four, 1),
                        raw("u8", StoredType.U8, four, 4),
                        raw("bool", StoredType.BOOL, new byte[] {1, 0}, 2),
                        raw("notbool", StoredType.BOOL, new byte[] {1, 2}, 2),
                        raw("f8", StoredType.F8_E4M3, four, 4)),
                Map.of());
        try (Scope scope = Scope.open();
                SafetensorsFile opened = SafetensorsFile.open(file)) {
            assertThat(opened.load(opened.tensor("i32")).toLongs()).containsExactly(-2);
            assertThat(opened.load(opened.tensor("u8")).toLongs()).containsExactly(254, 255, 255, 255);
            assertThat(opened.load(opened.tensor("bool")).dtype()).isEqualTo(DType.BOOL);
            assertThat(refusal(() -> opened.load(opened.tensor("notbool"))).getMessage())
                    .contains("'notbool'", "BOOL");
            assertThat(refusal(() -> opened.load(opened.tensor("f8"))).getMessage())
                    .contains("'f8'", "F8_E4M3");
        }
    }

    @Test
    void tensorsAboveTwoGibibytesAreReadAtTheirFarEnd() throws IOException {
        long size = (1L << 31) + 16;
        String header = "{\"t\":{\"dtype\":\"U8\",\"shape\":[" + size + "],\"data_offsets\":[0," + size + "]}}";
        Path file = HostileFile.write(directory.resolve("t.safetensors"), HostileFile.bytes(header, 0));
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.seek(sparse.length() + size - 2);
            sparse.write(new byte[] {7, 9});
        }
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            ByteBuffer end = ByteBuffer.allocate(3);
            opened.read(opened.tensor("t"), size - 3, end);
            assertThat(end.array()).containsExactly(0, 7, 9);
            assertThatThrownBy(() -> opened.read(opened.tensor("t"), size - 2, ByteBuffer.allocate(3)))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }
}
