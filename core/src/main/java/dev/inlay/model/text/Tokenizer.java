package dev.inlay.model.text;

import dev.inlay.InlayException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;

/**
 * The tokenizer of a model directory. Thread-safe; holds native memory until closed.
 *
 * <p>A <i>control token</i> is an added token that one of the files marks special, names ({@code bos_token},
 * {@code eos_token}, ...) or lists as a stop id. What a user typed is never read as one: {@link #encode} and
 * {@link #encodeRaw} take {@code <s>} as three characters of text. For a text without control-token text their ids are
 * those of the unguarded tokenizer. Only {@link #encodeTemplated} reads control tokens.
 *
 * <p>Two copies of the tokenizer lie in native memory: the file's own, and one in which the control tokens have names
 * that cannot be typed, with the same ids.
 */
public final class Tokenizer implements AutoCloseable {
    /**
     * The longest text encoded at once, in UTF-16 units. Bounds memory (some 500 bytes per token while encoding) and keeps the step
     * count of the library's regular expressions, one per character, below its limit of ten million.
     */
    public static final int LONGEST_TEXT = 4_000_000;

    private final TokenizerFile file;
    private final TokenizerSettings settings;
    private final BitSet control = new BitSet();
    private final String[] tokens;
    private final NativeTokenizer complete;
    private final NativeTokenizer plain;

    private Tokenizer(TokenizerFile file, TokenizerSettings settings) {
        this.file = file;
        this.settings = settings;
        for (AddedToken token : file.added()) {
            control.set(
                    token.id(),
                    token.special()
                            || settings.special().contains(token.content())
                            || settings.named().containsValue(token.content())
                            || settings.eosIds().contains(token.id()));
        }
        tokens = new String[file.ids().size()];
        file.ids().forEach((token, id) -> tokens[id] = token);
        complete = new NativeTokenizer(file.path(), file.json());
        plain = control.isEmpty() ? complete : guarded();
    }

    private NativeTokenizer guarded() {
        try {
            return new NativeTokenizer(file.path(), file.jsonWithout(this::isControl));
        } catch (RuntimeException e) {
            complete.close();
            throw e;
        }
    }

    /** Reads {@code tokenizer.json} and the optional small files around it from a model directory. */
    public static Tokenizer load(Path modelDirectory) {
        TokenizerSettings settings = TokenizerSettings.read(modelDirectory);
        return new Tokenizer(TokenizerFile.read(modelDirectory.resolve("tokenizer.json")), settings);
    }

    /** The ids of a text as the model expects it, with what the file's post-processor adds (often BOS). */
    public int[] encode(String text) {
        requireEncodable(text);
        return plain.ids(text, true);
    }

    /** The ids of a text and nothing else. */
    public int[] encodeRaw(String text) {
        requireEncodable(text);
        return plain.ids(text, false);
    }

    /** The ids of a rendered chat template: control tokens are read as such, none is added. */
    public Encoded encodeTemplated(String text) {
        requireEncodable(text);
        return complete.encode(text);
    }

    /** The text of the ids without control tokens. Ids beyond the vocabulary (padding rows of a model) have no text. */
    public String decode(int[] ids) {
        return complete.decode(toLongs(ids, false));
    }

    /** The text of the ids with the names of control tokens. */
    public String decodeWithSpecials(int[] ids) {
        return complete.decode(toLongs(ids, true));
    }

    /** Decodes piece by piece the ids that a model generates from nothing. */
    public StreamDecoder stream() {
        return stream(new int[0]);
    }

    /** Decodes piece by piece the ids that follow the given ones, whose text is not repeated. */
    public StreamDecoder stream(int[] context) {
        return new StreamDecoder(this, context);
    }

    /** The largest id plus one. */
    public int vocabularySize() {
        return tokens.length;
    }

    /** Refuses ids that are none of this tokenizer's; none is negative. */
    public void requireIds(int[] ids) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] >= tokens.length) {
                throw InlayException.data(
                        "ids[%d] is %d, and the tokenizer has ids up to %d; were they made by another tokenizer?",
                        i, ids[i], tokens.length - 1);
            }
        }
    }

    /** The id that begins a text, where the files name one. */
    public OptionalInt bos() {
        OptionalInt named = named("bos_token");
        return named.isPresent() ? named : settings.bosId();
    }

    /** The id that ends a text: the named one, or the least stop id. */
    public OptionalInt eos() {
        OptionalInt named = named("eos_token");
        return named.isPresent()
                ? named
                : settings.eosIds().stream().mapToInt(Integer::intValue).min();
    }

    /** Every id that ends generation, ascending: those of generation_config, config and the named eos token. */
    public int[] stopIds() {
        TreeSet<Integer> stops = new TreeSet<>(settings.eosIds());
        named("eos_token").ifPresent(stops::add);
        return stops.stream().mapToInt(Integer::intValue).toArray();
    }

    private OptionalInt named(String name) {
        String token = settings.named().get(name);
        return token == null ? OptionalInt.empty() : id(token);
    }

    /** The special tokens that the files name, by name ({@code bos_token}, ...). */
    public Map<String, String> namedTokens() {
        return settings.named();
    }

    /** The id of a token as the vocabulary spells it. */
    public OptionalInt id(String token) {
        Integer id = file.ids().get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** Whether the id is that of a control token. */
    public boolean isControl(int id) {
        return control.get(id);
    }

    private boolean isControl(String token) {
        Integer id = file.ids().get(token);
        return id != null && control.get(id);
    }

    /** Whether the id stands for one byte that is joined with its neighbours into characters. */
    boolean isByte(int id) {
        return id < tokens.length && file.joinsBytes() && tokens[id].matches("<0x[0-9A-F]{2}>");
    }

    /** The hash of {@code tokenizer.json}. */
    public String sha256() {
        return file.hash();
    }

    /**
     * Refuses a model that has no embedding for some token.
     *
     * @param embeddingRows the rows of the embedding, or {@code vocab_size} where that is less
     */
    public void checkAgainst(int embeddingRows) {
        if (tokens.length > embeddingRows) {
            throw InlayException.data(
                    "%s: the largest token id is %d, but the model has embeddings only for ids below %d;"
                            + " take the tokenizer that belongs to the model",
                    file.path(), tokens.length - 1, embeddingRows);
        }
    }

    private void requireEncodable(String text) {
        if (text.length() > LONGEST_TEXT) {
            throw InlayException.data(
                    "a text of %,d characters is longer than the %,d that are encoded at once; split it",
                    text.length(), LONGEST_TEXT);
        }
        int broken = Texts.loneSurrogate(text);
        if (broken >= 0) {
            throw InlayException.data(
                    "the text has half of a surrogate pair (U+%04X) at character %d; it is not valid Unicode",
                    (int) text.charAt(broken), broken);
        }
        int mark = text.indexOf(TokenizerFile.MARK);
        if (mark >= 0) {
            throw InlayException.data("the text has the noncharacter U+FDD0 at character %d; remove it", mark);
        }
    }

    private long[] toLongs(int[] ids, boolean withControl) {
        for (int id : ids) {
            if (id < 0) {
                throw InlayException.data("the token id %d is negative", id);
            }
        }
        return Arrays.stream(ids)
                .filter(id -> withControl || !control.get(id))
                .asLongStream()
                .toArray();
    }

    @Override
    public void close() {
        complete.close();
        plain.close();
    }
}
