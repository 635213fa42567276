package dev.inlay.adapter.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A GGUF file read by the letter of its description and by nothing of ours: texts, float32, F32 and F16 tensors. */
record ParsedGguf(Map<String, Object> keys, Map<String, Matrix> tensors) {
    /**
     * @param fast size of the fastest dimension, the first in the file
     * @param slow size of the other
     */
    record Matrix(int type, int fast, int slow, float[] values) {
        float at(int row, int column) {
            return values[row * fast + column];
        }
    }

    private record Place(int type, int fast, int slow, long offset) {}

    static ParsedGguf of(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        expect(bytes.getInt() == 0x46554747, "magic");
        expect(bytes.getInt() == 3, "version");
        long tensorCount = bytes.getLong();
        long keyCount = bytes.getLong();
        Map<String, Object> keys = new LinkedHashMap<>();
        for (long i = 0; i < keyCount; i++) {
            String key = text(bytes);
            int type = bytes.getInt();
            expect(type == 8 || type == 6, "type of " + key);
            keys.put(key, type == 8 ? text(bytes) : (Object) bytes.getFloat());
        }
        Map<String, Place> places = new LinkedHashMap<>();
        for (long i = 0; i < tensorCount; i++) {
            String name = text(bytes);
            expect(bytes.getInt() == 2, "dimensions of " + name);
            int fast = (int) bytes.getLong();
            int slow = (int) bytes.getLong();
            places.put(name, new Place(bytes.getInt(), fast, slow, bytes.getLong()));
        }
        long start = (bytes.position() + 31) / 32 * 32L;
        Map<String, Matrix> tensors = new LinkedHashMap<>();
        places.forEach((name, place) -> tensors.put(name, matrix(bytes, start, place)));
        expect(bytes.capacity() % 32 == 0, "padding of the end");
        return new ParsedGguf(keys, tensors);
    }

    private static Matrix matrix(ByteBuffer bytes, long start, Place place) {
        expect(place.offset() % 32 == 0, "alignment");
        float[] values = new float[place.fast() * place.slow()];
        int at = (int) (start + place.offset());
        for (int i = 0; i < values.length; i++) {
            values[i] = place.type() == 0 ? bytes.getFloat(at + 4 * i) : half(bytes.getShort(at + 2 * i));
        }
        return new Matrix(place.type(), place.fast(), place.slow(), values);
    }

    private static float half(short bits) {
        int exponent = bits >> 10 & 31;
        int fraction = bits & 1023;
        double magnitude = exponent == 0 ? fraction * Math.pow(2, -24) : (1024 + fraction) * Math.pow(2, exponent - 25);
        return (float) (bits < 0 ? -magnitude : magnitude);
    }

    private static String text(ByteBuffer bytes) {
        byte[] text = new byte[(int) bytes.getLong()];
        bytes.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private static void expect(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError("wrong " + what);
        }
    }
}
