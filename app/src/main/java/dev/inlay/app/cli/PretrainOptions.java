package dev.inlay.app.cli;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.training.AdamW;
import dev.inlay.training.TrainingOptions;
import dev.inlay.training.data.Limit;
import dev.inlay.training.data.Overflow;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** All settings of training a model from scratch. */
@SuppressWarnings("NullAway.Init") // picocli sets what is required or has a default
final class PretrainOptions {
    @Option(
            names = "--data",
            required = true,
            split = ",",
            paramLabel = "PATH",
            description = "Files (.jsonl, .json, .txt), or directories with train.jsonl and valid.jsonl. Every token of"
                    + " a row is learned, whatever its form.")
    List<Path> data;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Go on from all weights of this model (Hugging Face), of any supported family, with its"
                    + " tokenizer. Default: a new model with random weights.")
    @Nullable
    Path model;

    @Option(
            names = "--tokenizer",
            paramLabel = "DIR",
            description = "Of a new model: directory with tokenizer.json, as the command tokenizer writes it.")
    @Nullable
    Path tokenizer;

    @Mixin
    ArchitectureOptions architecture = new ArchitectureOptions();

    @Mixin
    PlaceOptions place = new PlaceOptions();

    @Mixin
    EvalShareOption held = new EvalShareOption();

    @Option(
            names = "--overflow",
            paramLabel = "POLICY",
            defaultValue = "split",
            description = "What happens to rows longer than the context: error, split (into pieces), cut (their end) or"
                    + " drop. Default: ${DEFAULT-VALUE}.")
    Overflow overflow;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "1",
            description = "Times that each row is seen, unless --steps is given. Default: ${DEFAULT-VALUE}.")
    double epochs;

    @Option(
            names = "--batch-tokens",
            paramLabel = "N",
            defaultValue = "16384",
            description = "About this many tokens in a step. Default: ${DEFAULT-VALUE}.")
    int batchTokens;

    @Option(
            names = "--unit-tokens",
            paramLabel = "N",
            defaultValue = "2048",
            description = "About this many tokens are computed at once by each thread; changes memory and speed, and"
                    + " results by rounding only. Default: ${DEFAULT-VALUE}.")
    int unitTokens;

    @Option(
            names = "--learning-rate",
            paramLabel = "R",
            defaultValue = "1e-3",
            description = "Highest learning rate. Default: ${DEFAULT-VALUE}.")
    double learningRate;

    @Option(
            names = "--weight-decay",
            paramLabel = "D",
            defaultValue = "0.1",
            description = "Weight decay of AdamW, on matrices alone. Default: ${DEFAULT-VALUE}.")
    double weightDecay;

    @Option(
            names = "--beta2",
            paramLabel = "B",
            defaultValue = "0.95",
            description = "Decay of AdamW's mean squared gradient. Default: ${DEFAULT-VALUE}.")
    double beta2;

    @Mixin
    PaceOptions pace = new PaceOptions();

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "float32",
            description = "float32 or bfloat16 to compute with; the weights are float32. Default: ${DEFAULT-VALUE}.")
    String dtype;

    @Mixin
    ThreadOption threads = new ThreadOption();

    @Mixin
    ConfigOption config = new ConfigOption();

    /** The directory of the tokenizer: that of the model to go on from, or the one given. */
    Path tokenizer() {
        if (model != null && tokenizer != null) {
            throw InlayException.usage("--model brings its tokenizer; leave out --tokenizer");
        }
        Path source = model == null ? tokenizer : model;
        if (source == null) {
            throw InlayException.usage(
                    "no tokenizer is named; give --tokenizer DIR, or --model DIR to go on from a model");
        }
        return source;
    }

    DType type() {
        return ModelOptions.dtype(dtype).orElse(DType.FLOAT32);
    }

    Limit limit(int contextLength) {
        return new Limit(contextLength, overflow);
    }

    List<TrainingData.Source> sources() {
        return data.stream()
                .map(path -> new TrainingData.Source(path, null, held.share, pace.data()))
                .toList();
    }

    TrainingOptions options(int stepsPerEpoch) {
        int total = pace.steps(epochs, stepsPerEpoch);
        return new TrainingOptions(
                total,
                learningRate,
                1,
                pace.warmUp(total),
                new AdamW(AdamW.DEFAULT.beta1(), beta2, AdamW.DEFAULT.epsilon(), weightDecay),
                pace.clip(),
                0,
                0,
                pace.evaluateEvery(total),
                pace.patience,
                pace.saveEvery(total),
                pace.memory());
    }
}
