package dev.inlay.app.cli;

import dev.inlay.InlayException;
import dev.inlay.app.experiments.modular.ModularOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags of the modular experiment; what is not given has the value of the size. */
final class ModularFlags {
    @Option(
            names = "--size",
            paramLabel = "NAME",
            defaultValue = "twin",
            description = "Values of all that is not given: twin (small: p = 23, width 48) or published (p = 113, width"
                    + " 128). Default: ${DEFAULT-VALUE}.")
    private String size = "twin";

    @Option(names = "--modulus", paramLabel = "P", description = "Numbers are 0 .. P-1.")
    private @Nullable Integer modulus;

    @Option(names = "--width", paramLabel = "N", description = "Of hidden states.")
    private @Nullable Integer width;

    @Option(
            names = "--depths",
            split = ",",
            paramLabel = "N",
            description = "How often a block is applied: 2,4,6,8,12.")
    private @Nullable List<Integer> depths;

    @Option(names = "--seeds", paramLabel = "N", description = "Seeds 0 .. N-1 of every depth.")
    private @Nullable Integer seeds;

    @Option(
            names = "--arms",
            split = ";",
            paramLabel = "ARM",
            description =
                    "What is tuned, parted by semicolons: \"lora value\", \"lora query key\", \"orthogonal value\""
                            + " (LoRA away from the leading singular directions), \"full\", \"full value\", \"random value\" (drawn,"
                            + " with the norms of \"lora value\"); \"on untied\", \"on short-steps\" or \"on mixed\" behind it for"
                            + " another base.")
    private @Nullable List<String> arms;

    @Option(names = "--accuracy", paramLabel = "X", description = "Of addition, at which pre-training stops.")
    private @Nullable Double accuracy;

    @Option(
            names = "--tolerance",
            paramLabel = "X",
            description = "By which a base may be better and still be matched.")
    private @Nullable Double tolerance;

    @Option(names = "--base-share", paramLabel = "X", description = "Of the pairs of addition that are trained.")
    private @Nullable Double baseShare;

    @Option(names = "--base-rate", paramLabel = "X", description = "Learning rate of pre-training.")
    private @Nullable Double baseRate;

    @Option(names = "--base-decay", paramLabel = "X", description = "Weight decay of pre-training.")
    private @Nullable Double baseDecay;

    @Option(names = "--base-epochs", paramLabel = "N", description = "Most epochs of pre-training.")
    private @Nullable Integer baseEpochs;

    @Option(names = "--share", paramLabel = "X", description = "Of the pairs of subtraction that are tuned on.")
    private @Nullable Double share;

    @Option(names = "--rate", paramLabel = "X", description = "Learning rate of tuning.")
    private @Nullable Double rate;

    @Option(names = "--decay", paramLabel = "X", description = "Weight decay of tuning.")
    private @Nullable Double decay;

    @Option(names = "--epochs", paramLabel = "N", description = "Of tuning.")
    private @Nullable Integer epochs;

    @Option(names = "--rank", paramLabel = "N", description = "Of low-rank changes.")
    private @Nullable Integer rank;

    @Option(names = "--alpha", paramLabel = "X", description = "Their scale is alpha / rank.")
    private @Nullable Double alpha;

    ModularOptions options() {
        ModularOptions base = sized();
        ModularOptions.Phase pretraining = base.pretraining();
        ModularOptions.Phase tuning = base.tuning();
        return new ModularOptions(
                or(modulus, base.modulus()),
                or(width, base.width()),
                or(depths, base.depths()),
                or(seeds, base.seeds()),
                or(arms, base.arms()),
                or(accuracy, base.accuracy()),
                or(tolerance, base.tolerance()),
                new ModularOptions.Phase(
                        or(baseShare, pretraining.share()),
                        or(baseRate, pretraining.learningRate()),
                        or(baseDecay, pretraining.weightDecay()),
                        or(baseEpochs, pretraining.epochs())),
                new ModularOptions.Phase(
                        or(share, tuning.share()),
                        or(rate, tuning.learningRate()),
                        or(decay, tuning.weightDecay()),
                        or(epochs, tuning.epochs())),
                or(rank, base.rank()),
                or(alpha, base.alpha()));
    }

    private ModularOptions sized() {
        return switch (size) {
            case "twin" -> ModularOptions.TWIN;
            case "published" -> ModularOptions.PUBLISHED;
            default -> throw InlayException.usage("--size must be twin or published, was \"%s\"", size);
        };
    }

    private static <T> T or(@Nullable T given, T otherwise) {
        return given == null ? otherwise : given;
    }
}
