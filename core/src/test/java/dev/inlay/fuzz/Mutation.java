package dev.inlay.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Damages the content of a file: any file byte by byte, a text also by pieces of its own language, JSON by its tokens, and
 * safetensors by the tokens of a header whose length still fits.
 */
final class Mutation {
    private static final long[] LENGTHS = {
        0,
        1,
        2,
        7,
        8,
        100_000_000,
        100_000_001,
        Integer.MAX_VALUE,
        1L << 31,
        1L << 32,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1
    };
    private static final List<String> JINJA = List.of(
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "#}",
            "{%- for m in messages %}",
            "{% for i in range(1000000000) %}",
            "{% endfor %}",
            "{% if x %}",
            "{% else %}",
            "{% endif %}",
            "{% set x = x * 2 %}",
            "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
            "{{ 'x' * 999999999 }}",
            "{{ 10 ** 999999 }}",
            "{{ 1 // 0 }}",
            "{{ messages[-9223372036854775808] }}",
            "{{ messages[5:1:-1] }}",
            "{{ ''.__class__ }}",
            "{{ messages | tojson(indent=999999999) }}",
            "{{ ' ' | indent(999999999) }}",
            "{{ raise_exception('no') }}",
            "{{ strftime_now('%') }}",
            "| trim",
            "| length",
            "| join(',')",
            ".split('')",
            "loop.previtem",
            "is not defined",
            " not ",
            "-",
            "(",
            ")",
            "[",
            "]",
            "'",
            "\"",
            "~",
            "9223372036854775808",
            "1e999",
            "\uD83D",
            "\0");
    private static final List<String> YAML = List.of(
            ": ",
            "- ",
            "\n",
            "\n  ",
            "&a ",
            "*a",
            "[",
            "]",
            "{",
            "}",
            "!!java.net.URL ",
            "|",
            ">",
            "'",
            "\"",
            "#",
            "---\n",
            "...",
            "~",
            ".nan",
            ".inf",
            "0x10",
            "1e999",
            "<<: *a",
            "? ",
            "%YAML 9\n",
            "\t",
            "\0",
            "\uFEFF",
            "yes",
            "null");

    private final Random random;

    Mutation(Random random) {
        this.random = random;
    }

    /** One to four changes. */
    byte[] of(String file, byte[] bytes) {
        byte[] changed = bytes;
        for (int i = Math.max(random.nextInt(8) - 4, 0); i >= 0; i--) {
            changed = once(file, changed);
        }
        return changed;
    }

    private byte[] once(String file, byte[] bytes) {
        boolean raw = random.nextInt(4) == 0;
        if (raw) {
            return damaged(bytes);
        } else if (file.endsWith(".safetensors")) {
            return header(bytes);
        } else if (file.endsWith(".json") || file.endsWith(".jsonl")) {
            return JsonTokens.of(bytes).changed(random);
        }
        return spliced(bytes, file.endsWith(".yaml") ? YAML : JINJA);
    }

    /** The header changed as JSON and its length mended, or only the length changed. */
    private byte[] header(byte[] bytes) {
        if (bytes.length < Long.BYTES) {
            return damaged(bytes);
        }
        ByteBuffer file = ByteBuffer.wrap(bytes.clone()).order(ByteOrder.LITTLE_ENDIAN);
        long length = file.getLong(0);
        boolean inside = length >= 0 && length <= bytes.length - Long.BYTES;
        if (!inside || random.nextInt(10) == 0) {
            long other =
                    random.nextBoolean() ? LENGTHS[random.nextInt(LENGTHS.length)] : length + random.nextInt(17) - 8;
            return file.putLong(0, other).array();
        }
        byte[] header = Arrays.copyOfRange(bytes, Long.BYTES, Long.BYTES + (int) length);
        byte[] changed = JsonTokens.of(header).changed(random);
        int data = bytes.length - Long.BYTES - header.length;
        return ByteBuffer.allocate(Long.BYTES + changed.length + data)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(changed.length)
                .put(changed)
                .put(bytes, bytes.length - data, data)
                .array();
    }

    private byte[] spliced(byte[] bytes, List<String> pieces) {
        byte[] piece = pieces.get(random.nextInt(pieces.size())).getBytes(StandardCharsets.UTF_8);
        int from = random.nextInt(bytes.length + 1);
        return replaced(bytes, from, Math.min(bytes.length, from + random.nextInt(8)), piece);
    }

    private byte[] damaged(byte[] bytes) {
        if (bytes.length == 0) {
            return new byte[] {(byte) random.nextInt(256)};
        }
        int from = random.nextInt(bytes.length);
        int to = Math.min(bytes.length, from + 1 + random.nextInt(1 << random.nextInt(10)));
        byte[] part = Arrays.copyOfRange(bytes, from, to);
        return switch (random.nextInt(6)) {
            case 0 -> flipped(bytes, from);
            case 1 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            case 2 -> Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(16));
            case 3 -> replaced(bytes, from, to, new byte[0]);
            case 4 -> replaced(bytes, from, from, part);
            default -> {
                random.nextBytes(part);
                yield replaced(bytes, from, to, part);
            }
        };
    }

    private byte[] flipped(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at] ^= (byte) (1 << random.nextInt(8));
        return changed;
    }

    private static byte[] replaced(byte[] bytes, int from, int to, byte[] by) {
        return ByteBuffer.allocate(bytes.length - (to - from) + by.length)
                .put(bytes, 0, from)
                .put(by)
                .put(bytes, to, bytes.length - to)
                .array();
    }
}
