package dev.inlay.adapter.exchange;

import dev.inlay.InlayException;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How an adapter lies on the disk. Told from the files that are there, never from guesses about their values. */
public enum Layout {
    /** {@code adapter_config.json} and {@code adapter_model.safetensors}: PEFT's own, or an older or damaged form of it. */
    PEFT,
    /** {@code adapter_config.json} with {@code lora_parameters}, and {@code adapters.safetensors}: mlx-lm. */
    MLX,
    /** One safetensors file of factors that says neither rank nor scale. */
    BARE,
    /** A model directory, of which the adapter is the difference from the base. */
    MODEL,
    /** Activated LoRA of before PEFT had it ({@code invocation_string}); never guessed. */
    LEGACY_ALORA;

    static final String CONFIG = "adapter_config.json";
    static final String PEFT_WEIGHTS = "adapter_model.safetensors";
    static final String MLX_WEIGHTS = "adapters.safetensors";

    /** As people write it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The layout of that name. */
    public static Layout named(String word) {
        return Arrays.stream(values())
                .filter(each -> each.word().equals(word.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> InlayException.usage(
                        "unknown layout \"%s\"; choose %s",
                        word, Arrays.stream(values()).map(Layout::word).collect(Collectors.joining(", "))));
    }

    /** The layout of what lies there; an error where it is none or could be two. */
    public static Layout of(Path source) {
        if (Files.isRegularFile(source)) {
            return ofFile(source);
        }
        boolean config = Files.exists(source.resolve(CONFIG));
        boolean peft = Files.exists(source.resolve(PEFT_WEIGHTS));
        boolean mlx = Files.exists(source.resolve(MLX_WEIGHTS));
        boolean model = Files.exists(source.resolve("config.json"));
        if ((peft && mlx) || (model && (config || peft || mlx))) {
            throw InlayException.usage(
                    "%s could be read in two ways (it holds%s%s%s%s); say which with --from",
                    source,
                    config ? " " + CONFIG : "",
                    peft ? " " + PEFT_WEIGHTS : "",
                    mlx ? " " + MLX_WEIGHTS : "",
                    model ? " config.json" : "");
        }
        if (model) {
            return MODEL;
        }
        if (mlx) {
            return MLX;
        }
        if (peft) {
            return config ? ofConfigured(source) : BARE;
        }
        throw none(source);
    }

    private static Layout ofFile(Path file) {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(".safetensors")) {
            return BARE;
        }
        if (name.matches(".*\\.(bin|pt|pth|ckpt|pkl)")) {
            throw pickle(file);
        }
        throw InlayException.adapter(
                "%s: expected a directory or a .safetensors file%s",
                file, name.endsWith(".gguf") ? "; GGUF adapters are written and not converted back" : "");
    }

    private static Layout ofConfigured(Path source) {
        JsonObject config = Json.readObject(source.resolve(CONFIG));
        if (config.has("lora_parameters") && !config.has("peft_type")) {
            throw InlayException.adapter(
                    "%s has the configuration of mlx-lm and the weights of PEFT (%s); one of them is of another adapter",
                    source, PEFT_WEIGHTS);
        }
        return PEFT;
    }

    private static InlayException none(Path source) {
        if (Files.exists(source.resolve("adapter_model.bin"))) {
            return pickle(source.resolve("adapter_model.bin"));
        }
        return InlayException.adapter(
                "%s: expected an adapter of PEFT (%s), of mlx-lm (%s), or a model (config.json), found none of them",
                source, PEFT_WEIGHTS, MLX_WEIGHTS);
    }

    private static InlayException pickle(Path file) {
        return InlayException.adapter(
                "%s: is a pickle, which can run code and is never read; load it in Python and call"
                        + " save_pretrained(DIR, safe_serialization=True)",
                file);
    }
}
