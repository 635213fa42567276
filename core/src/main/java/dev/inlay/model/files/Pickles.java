package dev.inlay.model.files;

import java.util.List;
import java.util.Locale;

/** Weight files that are Python pickles: programs, refused by name. */
final class Pickles {
    static final String CONVERT = "convert it with transformers: "
            + "AutoModelForCausalLM.from_pretrained(DIR).save_pretrained(NEW_DIR, safe_serialization=True)";

    private static final List<String> ENDINGS = List.of(".bin", ".pt", ".pth", ".ckpt", ".pkl");

    private Pickles() {}

    static boolean named(String file) {
        String lower = file.toLowerCase(Locale.ROOT);
        return ENDINGS.stream().anyMatch(lower::endsWith);
    }
}
