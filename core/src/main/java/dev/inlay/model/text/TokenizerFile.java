package dev.inlay.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.model.files.Fingerprint;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.RegularFile;
import dev.inlay.model.files.StrictUtf8;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A checked {@code tokenizer.json}.
 *
 * <p>Fields: {@code added_tokens} and {@code model} ({@link VocabularyCheck}); {@code normalizer}, {@code pre_tokenizer},
 * {@code post_processor}, {@code decoder} ({@link ComponentCheck}); {@code truncation} and {@code padding}, which are
 * never applied: a text is neither cut nor filled behind the caller's back. At most 100 MB.
 */
final class TokenizerFile {
    private static final int LIMIT = 100_000_000;
    /** A noncharacter: no text that is meant for interchange contains it. */
    static final char MARK = '\uFDD0';

    private final Path path;
    private final ObjectNode root;
    private final String sha256;
    private final VocabularyCheck vocabulary;

    private TokenizerFile(Path path, ObjectNode root, String sha256) {
        this.path = path;
        this.root = root;
        this.sha256 = sha256;
        vocabulary = new VocabularyCheck(path);
        vocabulary.check(root);
        new ComponentCheck(path, vocabulary.ids()).check(root);
        root.putNull("truncation");
        root.putNull("padding");
    }

    static TokenizerFile read(Path path) {
        String text = StrictUtf8.decode(RegularFile.read(path, LIMIT), path.toString());
        if (Json.parse(text, path.toString()) instanceof ObjectNode root) {
            return new TokenizerFile(path, root, Fingerprint.sha256(text));
        }
        throw InlayException.data("%s: a JSON object is expected", path);
    }

    Path path() {
        return path;
    }

    String hash() {
        return sha256;
    }

    Map<String, Integer> ids() {
        return vocabulary.ids();
    }

    List<AddedToken> added() {
        return vocabulary.added();
    }

    /** Whether runs of byte tokens are joined on decoding ({@code ByteFallback}). */
    boolean joinsBytes() {
        return root.path("decoder").toString().contains("\"ByteFallback\"");
    }

    /** The file as the native library gets it. */
    String json() {
        return wellFormed(root);
    }

    /**
     * A copy in which no text matches the given tokens, while every id stays as it is: they are renamed to texts that
     * begin with {@link #MARK}. Merges that would put one together are left out.
     */
    String jsonWithout(Predicate<String> control) {
        ObjectNode copy = root.deepCopy();
        for (JsonNode entry : copy.path("added_tokens")) {
            String content = entry.path("content").asText();
            if (control.test(content)) {
                ((ObjectNode) entry).put("content", renamed(content)).put("normalized", false);
            }
        }
        ObjectNode model = (ObjectNode) copy.path("model");
        ObjectNode vocab = (ObjectNode) model.path("vocab");
        for (AddedToken token : added()) {
            JsonNode id = control.test(token.content()) ? vocab.remove(token.content()) : null;
            if (id != null) {
                vocab.set(renamed(token.content()), id);
            }
        }
        String unknown = model.path("unk_token").asText();
        if (model.path("unk_token").isTextual() && control.test(unknown) && !vocab.has(unknown)) {
            model.put("unk_token", renamed(unknown));
        }
        keepMerges(model, control);
        return wellFormed(copy);
    }

    private String renamed(String token) {
        return MARK + String.valueOf(ids().get(token)) + MARK;
    }

    private static void keepMerges(ObjectNode model, Predicate<String> control) {
        ArrayNode kept = model.arrayNode();
        for (JsonNode merge : model.path("merges")) {
            String[] parts = VocabularyCheck.parts(merge);
            if (!control.test(parts[0]) && !control.test(parts[1]) && !control.test(parts[0] + parts[1])) {
                kept.add(merge);
            }
        }
        model.set("merges", kept);
    }

    private String wellFormed(JsonNode json) {
        String text = json.toString();
        int broken = Texts.loneSurrogate(text);
        if (broken >= 0) {
            throw InlayException.data("%s: a token contains half of a surrogate pair", path);
        }
        return text;
    }
}
