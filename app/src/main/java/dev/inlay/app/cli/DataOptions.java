package dev.inlay.app.cli;

import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.training.data.Encoder;
import dev.inlay.training.data.Limit;
import dev.inlay.training.data.LossOn;
import dev.inlay.training.data.Overflow;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which rows, and what becomes of them. */
@SuppressWarnings("NullAway.Init") // picocli sets what is required or has a default
final class DataOptions {
    @Option(
            names = "--data",
            required = true,
            paramLabel = "PATH",
            description =
                    "File (.jsonl, .json, .txt), or a directory with train.jsonl, valid.jsonl, test.jsonl."
                            + " Rows: text | prompt + completion | messages | instruction + output | conversations | ids (+ learned, open).")
    Path data;

    @Option(
            names = "--loss",
            paramLabel = "WHERE",
            defaultValue = "completion",
            description = "completion: only completions and turns of the assistant; last: only the last of them; all:"
                    + " every token. Rows of text count"
                    + " everywhere. Default: ${DEFAULT-VALUE}.")
    LossOn loss;

    @Option(
            names = "--max-length",
            paramLabel = "N",
            description = "Most tokens of a row. Default: the model's context.")
    @Nullable
    Integer maxLength;

    @Option(
            names = "--overflow",
            paramLabel = "POLICY",
            defaultValue = "error",
            description = "What happens to longer rows: error, split (into pieces), cut (their end) or drop."
                    + " Default: ${DEFAULT-VALUE}.")
    Overflow overflow;

    @Option(
            names = "--unit-tokens",
            paramLabel = "N",
            defaultValue = "512",
            description = "About this many tokens are computed at once by each thread; changes memory and speed, and"
                    + " results by rounding only. Default: ${DEFAULT-VALUE}.")
    int unitTokens;

    Limit limit(int contextLength) {
        return new Limit(maxLength == null ? contextLength : Math.min(maxLength, contextLength), overflow);
    }

    Encoder encoder(Tokenizer tokenizer, Optional<ChatTemplate> template) {
        return template.map(chat -> Encoder.chat(tokenizer, chat, loss))
                .orElseGet(() -> Encoder.plain(tokenizer, loss));
    }
}
