package dev.inlay.model.files;

import static dev.inlay.model.files.HostileFile.assertRefused;
import static dev.inlay.model.files.HostileFile.bytes;
import static dev.inlay.model.files.HostileFile.entry;
import static dev.inlay.model.files.HostileFile.prefix;
import static dev.inlay.model.files.HostileFile.refusal;
import static dev.inlay.model.files.HostileFile.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every malformed safetensors file of the catalogue, each refused for its own reason. Numbers are the catalogue's. */
class HostileSafetensorsTest {
    private static final String GOOD = "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";

    @TempDir
    Path directory;

    private Path file(byte[] content) {
        return write(directory.resolve("model.safetensors"), content);
    }

    private Map<String, StoredTensor> open(byte[] content) {
        try (SafetensorsFile file = SafetensorsFile.open(file(content))) {
            return file.tensors();
        }
    }

    @Test
    void S0_theGoodFileThatTheOthersAreMadeFromIsAccepted() {
        assertThat(open(entry(GOOD)).keySet()).containsExactly("a");
    }

    @Test
    void S1_emptyFile() {
        assertRefused(file(new byte[0]), "is empty");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7})
    void S2_underEightBytes(int size) {
        assertRefused(file(new byte[size]), "has only " + size + " bytes");
    }

    @ParameterizedTest
    @CsvSource({"-9223372036854775808, 9223372036854775808", "-1, 18446744073709551615"})
    void S3_lengthNegativeAsLong(long length, String unsigned) {
        assertRefused(file(prefix(length, 100)), "header would take " + unsigned + " bytes");
    }

    @Test
    void S4_lengthBeyondFile() {
        byte[] content = entry(GOOD);
        for (int beyond : new int[] {content.length - 7, content.length + 1}) {
            ByteBuffer.wrap(content).order(java.nio.ByteOrder.LITTLE_ENDIAN).putLong(beyond);
            assertRefused(file(content), "header would take " + beyond + " bytes", "at most " + (content.length - 8));
        }
    }

    @Test
    void S5_lengthAboveTheCapInASparseFile() throws IOException {
        Path file = file(prefix(100_000_001, 0));
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(1L << 32);
        }
        assertRefused(file, "header would take 100000001 bytes", "at most 100000000");
    }

    @Test
    void S6_headerNotUtf8() {
        byte[][] broken = {
            {(byte) 0xFF}, {(byte) 0xC0, (byte) 0x80}, {(byte) 0xED, (byte) 0xA0, (byte) 0x80}, {(byte) 0xC3}
        };
        for (byte[] bad : broken) {
            byte[] header = "{\"a?????\":1}".getBytes(StandardCharsets.UTF_8);
            System.arraycopy(bad, 0, header, 3, bad.length);
            assertRefused(file(bytes(header, new byte[0])), "header", "byte 3", "not UTF-8");
        }
    }

    @Test
    void S6_headerInUtf16() {
        byte[] header = "{\"a\":1}".getBytes(StandardCharsets.UTF_16LE);
        assertRefused(file(bytes(header, new byte[0])), "not valid JSON");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello",
                "{",
                "{\"a\"",
                "{\"a\":{\"dtype\":\"F32\"",
                "{'a':1}",
                "{\"a\":NaN}",
                "{/**/}",
                "{\"a\":01}"
            })
    void S7_headerNotJsonOrCut(String header) {
        assertRefused(file(bytes(header, 8)), "not valid JSON");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "\"x\"", "null", "1", ""})
    void S8_headerNotAnObject(String header) {
        assertRefused(file(bytes(header, 0)), "header must be a JSON object");
    }

    @Test
    void S9_whitespaceAroundTheHeaderIsAccepted() {
        assertThat(open(bytes(" \n\t{\"a\":" + GOOD + "}   ", 8))).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "\n", "\u0000", "{}", " {}", "\n  ", "\n}"})
    void S9_garbageAfterTheHeader(String garbage) {
        Path file = file(bytes("{\"a\":" + GOOD + "}" + garbage, 8));
        String reason = refusal(() -> SafetensorsFile.open(file)).getMessage();
        assertThat(reason).containsAnyOf("text follows the header", "not valid JSON");
    }

    @Test
    void S10_sameNameTwice() {
        assertRefused(file(bytes("{\"a\":" + GOOD + ",\"a\":" + GOOD + "}", 8)), "Duplicate", "'a'");
        assertRefused(file(bytes("{\"a\":" + GOOD + ",\"\\u0061\":" + GOOD + "}", 8)), "Duplicate", "'a'");
        assertRefused(file(bytes("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0)), "Duplicate", "'k'");
        assertRefused(file(bytes("{\"__metadata__\":{},\"__metadata__\":{}}", 0)), "Duplicate");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"dtype\":\"F33\" | unknown dtype 'F33'",
                "\"dtype\":\"f32\" | unknown dtype 'f32'",
                "\"dtype\":\"\" | unknown dtype ''",
                "\"dtype\":32 | dtype must be a string, found 32",
                "\"dtype\":null | dtype must be a string",
                "\"dtype\":[\"F32\"] | dtype must be a string",
                "\"dtipe\":\"F32\" | dtype is missing",
                "\"dtype\":\"F32\",\"dtype\":\"F32\" | Duplicate",
            })
    void S11_dtype(String dtype, String reason) {
        assertRefused(file(entry("{" + dtype + ",\"shape\":[2],\"data_offsets\":[0,8]}")), reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[-2] | shape must hold integers",
                "[-0,2] | shape must hold integers",
                "[2.0] | shape must hold integers",
                "[2.5] | shape must hold integers",
                "[1e400] | shape must hold integers",
                "[2e0] | shape must hold integers",
                "[\"2\"] | shape must hold integers",
                "[null] | shape must hold integers",
                "[[2]] | shape must hold integers",
                "[true] | shape must hold integers",
                "[9007199254740993] | takes 36028797018963972 bytes",
                "[9223372036854775808] | shape must hold integers from 0 to 9223372036854775807",
                "2 | shape must be a list",
                "\"[2]\" | shape must be a list",
                "null | shape must be a list",
                "{} | shape must be a list",
            })
    void S12_shape(String shape, String reason) {
        assertRefused(file(entry("{\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":[0,8]}")), reason);
    }

    @Test
    void S12_aNumberOfAMegabyteIsRefused() {
        String shape = "[" + "1".repeat(1 << 20) + "]";
        assertRefused(file(entry("{\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":[0,8]}")), "Number");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[2,9223372036854775807]",
                "[4294967296,4294967296]",
                "[9223372036854775807]",
                "[4294967296,4294967296,0]"
            })
    void S13_shapeOverflows(String shape) {
        assertRefused(
                file(entry("{\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":[0,8]}")), "overflows 64 bits");
    }

    @Test
    void S14_offsetsReversed() {
        assertRefused(file(entry("{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}")), "reversed: 8, 0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[0] | must be two numbers",
                "[0,8,8] | must be two numbers",
                "[-8,0] | data_offsets must hold integers",
                "[0,8.0] | data_offsets must hold integers",
                "[9223372036854775800,9223372036854775808] | data_offsets must hold integers",
                "null | data_offsets must be a list",
            })
    void S14_offsetsMalformed(String offsets, String reason) {
        assertRefused(file(entry("{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":" + offsets + "}")), reason);
    }

    @Test
    void S15_tenTensorsOnOneRange() {
        StringBuilder header = new StringBuilder("{\"a0\":" + GOOD);
        for (int i = 1; i < 10; i++) {
            header.append(",\"a").append(i).append("\":").append(GOOD);
        }
        assertRefused(file(bytes(header + "}", 8)), "overlap");
    }

    @Test
    void S15_rangesThatOverlapByOneByte() {
        String header = "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[3,7]}}";
        assertRefused(file(bytes(header, 7)), "tensor 'b' begins at byte 3", "overlap");
    }

    @Test
    void S16_holeBetweenTensors() {
        String header = "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[5,9]}}";
        assertRefused(file(bytes(header, 9)), "tensor 'b' begins at byte 5", "expected 4", "hole");
    }

    @Test
    void S17_bytesAfterTheLastTensor() {
        assertRefused(file(bytes("{\"a\":" + GOOD + "}", 9)), "followed by something else");
        assertRefused(file(bytes("{}", 1)), "followed by something else");
    }

    @Test
    void S18_twoBytesShort() {
        assertRefused(file(bytes("{\"a\":" + GOOD + "}", 6)), "cut off");
    }

    @ParameterizedTest
    @CsvSource({"[0;4]", "[0;12]", "[0;7]"})
    void S19_sizeDiffersFromShape(String offsets) {
        String entry = "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":" + offsets.replace(';', ',') + "}";
        assertRefused(file(entry(entry)), "shape [2] of F32 takes 8 bytes");
    }

    @Test
    void S19_elementsThatDoNotFillWholeBytes() {
        assertRefused(file(entry("{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,2]}")), "12 bits", "whole bytes");
    }

    @Test
    void S20_firstTensorNotAtZero() {
        assertRefused(
                file(bytes("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", 12)),
                "begins at byte 4",
                "must start at 0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"k\":1}",
                "{\"k\":{}}",
                "{\"k\":null}",
                "{\"k\":[\"v\"]}",
                "{\"k\":true}",
                "[]",
                "\"k\"",
                "null"
            })
    void S21_metadataThatIsNotText(String metadata) {
        assertRefused(file(bytes("{\"__metadata__\":" + metadata + "}", 0)), "__metadata__", "must be");
    }

    @Test
    void S22_aMillionEmptyTensors() {
        StringBuilder header = new StringBuilder(64_000_000).append('{');
        for (int i = 0; i < 1_000_000; i++) {
            header.append("\"t").append(i).append("\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},");
        }
        header.setCharAt(header.length() - 1, '}');
        assertThat(open(bytes(header.toString(), 0))).hasSize(1_000_000);
    }

    @Test
    void S23_nestingOfTenThousand() {
        String deep = "{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000);
        assertRefused(file(bytes("{\"__metadata__\":" + deep + "}", 0)), "nesting depth");
        String lists = "[".repeat(10_000) + "]".repeat(10_000);
        assertRefused(file(entry("{\"extra\":" + lists + "}")), "nesting depth");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../a", "a/../b", "..\\\\a", ".."})
    void S24_namesThatLeadUpwards(String name) {
        assertRefused(file(bytes("{\"" + name + "\":" + GOOD + "}", 8)), "leads upwards");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\\u0000b", "a\\nb", "\\ud800", "\\udc00x", "\\u0085"})
    void S24_namesWithControlCharactersOrHalfSurrogates(String name) {
        assertRefused(file(bytes("{\"" + name + "\":" + GOOD + "}", 8)), "control character or half a surrogate");
    }

    @Test
    void S24_nameOfAMegabyte() {
        assertRefused(file(bytes("{\"" + "n".repeat(1 << 20) + "\":" + GOOD + "}", 8)), "Name length");
    }

    @Test
    void S25_rankZeroAndEmptyTensorsAreAccepted() {
        String header = "{\"scalar\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
                + "\"first\":{\"dtype\":\"F32\",\"shape\":[0,7],\"data_offsets\":[0,0]},"
                + "\"last\":{\"dtype\":\"F32\",\"shape\":[3,0],\"data_offsets\":[4,4]}}";
        Map<String, StoredTensor> tensors = open(bytes(header, 4));
        assertThat(tensors.get("scalar").count()).isEqualTo(1);
        assertThat(tensors.get("scalar").shape()).isEmpty();
        assertThat(tensors.get("first").count()).isZero();
        assertThat(tensors.get("last").shape()).containsExactly(3, 0);
    }

    @Test
    void S26_everyHalfPrecisionPatternIsKept() {
        byte[] all = new byte[2 << 16];
        for (int pattern = 0; pattern < 1 << 16; pattern++) {
            all[2 * pattern] = (byte) pattern;
            all[2 * pattern + 1] = (byte) (pattern >> 8);
        }
        for (String type : new String[] {"F16", "BF16"}) {
            String header = "{\"a\":{\"dtype\":\"" + type + "\",\"shape\":[65536],\"data_offsets\":[0,131072]}}";
            Path file = file(bytes(header.getBytes(StandardCharsets.UTF_8), all));
            try (SafetensorsFile opened = SafetensorsFile.open(file)) {
                ByteBuffer found = ByteBuffer.allocate(all.length);
                opened.read(opened.tensor("a"), 0, found);
                assertThat(found.array()).isEqualTo(all);
            }
        }
    }

    @Test
    void S28_pickleAndZip() {
        byte[] pickle = Arrays.copyOf(new byte[] {(byte) 0x80, 2, '}', 'q', 0, 'X', 5, 0, 0, 0, 'a'}, 200);
        assertRefused(file(pickle), "Python pickle", "safe_serialization");
        byte[] zip = Arrays.copyOf("PK\3\4archive/data.pkl".getBytes(StandardCharsets.ISO_8859_1), 200);
        assertRefused(file(zip), "zip archive", "safe_serialization");
    }

    @Test
    void S28_aGoodHeaderWhoseLengthLooksLikePickleIsAccepted() {
        String header = "{\"a\":" + GOOD + "}";
        assertThat(open(bytes(header + " ".repeat(0x280 - header.length()), 8))).hasSize(1);
    }

    @Test
    void S29_gitLfsPointer() {
        String pointer =
                "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0".repeat(64) + "\nsize 538090408\n";
        assertRefused(file(pointer.getBytes(StandardCharsets.UTF_8)), "Git-LFS pointer", "git lfs pull");
    }

    @Test
    void S30_truncatedWhileBeingRead() throws IOException {
        Path path = file(entry(GOOD));
        try (SafetensorsFile file = SafetensorsFile.open(path);
                RandomAccessFile other = new RandomAccessFile(path.toFile(), "rw")) {
            other.setLength(other.length() - 3);
            assertThat(refusal(() -> file.read(file.tensor("a"), 0, ByteBuffer.allocate(8)))
                            .getMessage())
                    .contains(path.toString(), "cut while it was read");
        }
    }

    @Test
    void S30_replacedWhileBeingRead() throws IOException {
        Path path = file(entry(GOOD));
        Path other = write(directory.resolve("other"), entry(GOOD));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            Files.move(other, path, StandardCopyOption.REPLACE_EXISTING);
            assertThat(refusal(() -> file.read(file.tensor("a"), 0, ByteBuffer.allocate(8)))
                            .getMessage())
                    .contains(path.toString(), "changed or replaced");
        }
    }

    @Test
    void S30_grownOrRemovedWhileBeingRead() throws IOException {
        Path path = file(entry(GOOD));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            Files.write(path, new byte[1], java.nio.file.StandardOpenOption.APPEND);
            assertThat(refusal(() -> file.read(file.tensor("a"), 0, ByteBuffer.allocate(8)))
                            .getMessage())
                    .contains("changed or replaced");
            Files.delete(path);
            assertThat(refusal(() -> file.read(file.tensor("a"), 0, ByteBuffer.allocate(8)))
                            .getMessage())
                    .contains("does not exist");
        }
    }

    @Test
    void S31_missingDirectoryAndLinkLoop() throws IOException {
        assertRefused(directory.resolve("absent.safetensors"), "does not exist");
        assertRefused(Files.createDirectory(directory.resolve("folder.safetensors")), "is a directory");
        Path loop = directory.resolve("loop.safetensors");
        assertRefused(Files.createSymbolicLink(loop, loop.getFileName()), "loop of symbolic links");
    }

    @Test
    void S31_noPermission() throws IOException {
        Path path = file(entry(GOOD));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("---------"));
        assumeFalse(Files.isReadable(path), "skipped: this user reads everything");
        assertRefused(path, "no permission");
    }

    @Test
    void S31_namedPipe() throws Exception {
        Path pipe = directory.resolve("pipe.safetensors");
        Process process = new ProcessBuilder("mkfifo", pipe.toString()).start();
        assumeTrue(process.waitFor() == 0, "skipped: no named pipes here");
        assertRefused(pipe, "not a regular file");
    }

    @Test
    void anExtraKeyIsReportedAndIgnored() {
        String entry = "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"order\":{\"x\":[1]}}";
        try (SafetensorsFile file = SafetensorsFile.open(file(entry(entry)))) {
            assertThat(file.notes()).singleElement().asString().contains("extra key 'order'");
        }
    }

    @Test
    void theEarlierCheckIsReportedWhereSeveralFail() {
        String badEntry = "{\"a\":{\"dtype\":\"F33\"}}";
        assertRefused(file(bytes(badEntry + "x", 8)), "text follows");
        assertRefused(file(bytes("{\"a\":{\"dtype\":\"F33\"},\"b\":1,\"b\":2}", 8)), "Duplicate");
        assertRefused(file(bytes(badEntry, 8)), "unknown dtype 'F33'");
    }
}
