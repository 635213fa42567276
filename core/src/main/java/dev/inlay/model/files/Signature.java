package dev.inlay.model.files;

import java.nio.charset.StandardCharsets;

/** What a file really is when it is not safetensors: the usual mistakes by their first bytes. */
final class Signature {
    /** Enough for the longest signature. */
    static final int LENGTH = 16;

    private Signature() {}

    /** The rest of a message: what the file looks like and the remedy, or nothing where nothing is recognised. */
    static String describe(byte[] start) {
        String text = new String(start, StandardCharsets.ISO_8859_1);
        if (text.startsWith("version https://")) {
            return "; it is the text of a Git-LFS pointer, not the weights: run 'git lfs pull' in its repository";
        }
        if (text.startsWith("PK\3\4") || text.startsWith("PK\5\6")) {
            return "; it is a zip archive (the form of torch.save), which can hold code and is never read: "
                    + Pickles.CONVERT;
        }
        if (text.length() > 1 && text.charAt(0) == 0x80 && text.charAt(1) >= 2 && text.charAt(1) <= 5) {
            return "; it is a Python pickle, which can hold code and is never read: " + Pickles.CONVERT;
        }
        if (text.startsWith("GGUF")) {
            return "; it is a GGUF file, a model directory with safetensors is expected";
        }
        if (text.stripLeading().startsWith("<")) {
            return "; it looks like a web page, perhaps an error saved by a download";
        }
        return "";
    }
}
