package dev.inlay.app.cli;

import dev.inlay.engine.DType;
import dev.inlay.model.Architecture;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.files.Json;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.training.MemoryPlan;
import dev.inlay.training.TrainingOptions;
import dev.inlay.training.Workload;
import dev.inlay.training.data.Batch;
import dev.inlay.training.data.Encoder;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Limit;
import dev.inlay.training.data.LossOn;
import dev.inlay.training.data.Unit;
import dev.inlay.training.data.Units;
import dev.inlay.training.run.RunRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything up to the first step of training all weights, checked, with no weight drawn or read.
 *
 * @param config the {@code config.json} of the model to be
 * @param start the model to go on from; none for a new one
 * @param source the directory of the tokenizer
 * @param data of each of the sources
 * @param evaluation units to evaluate on; none where nothing is set aside
 * @param keptCheckpoints how many of the newest stay; 0 for all
 */
record PretrainPrepared(
        Map<String, Object> config,
        Architecture architecture,
        DType type,
        Optional<ModelDirectory> start,
        Path source,
        Tokenizer tokenizer,
        Optional<ChatTemplate> template,
        List<TrainingData> data,
        Units units,
        List<Unit> evaluation,
        TrainingOptions options,
        int keptCheckpoints,
        RunRecord.Seeds seeds,
        int threads)
        implements AutoCloseable {

    static PretrainPrepared of(PretrainOptions settings) {
        DType type = settings.type();
        Path source = settings.tokenizer();
        Optional<ModelDirectory> start = Optional.ofNullable(settings.model).map(ModelDirectory::open);
        Tokenizer tokenizer = Tokenizer.load(source);
        try {
            Map<String, Object> config = settings.architecture.config(tokenizer, settings.model);
            Architecture architecture =
                    Architecture.of(Json.parseObject(Json.line(config), settings.architecture.where(settings.model)));
            tokenizer.checkAgainst(architecture.config().vocabulary());
            Optional<ChatTemplate> template = ChatTemplate.load(source);
            Encoder encoder = template.map(chat -> Encoder.chat(tokenizer, chat, LossOn.ALL))
                    .orElseGet(() -> Encoder.plain(tokenizer, LossOn.ALL));
            Limit limit = settings.limit(architecture.config().contextLength());
            List<TrainingData> data = settings.sources().stream()
                    .map(each -> TrainingData.read(each, encoder, limit))
                    .toList();
            Units units = new Units(
                    train(data), Batch.tokens(settings.batchTokens), settings.unitTokens, settings.pace.data());
            List<Example> held =
                    data.stream().flatMap(each -> each.validation().stream()).toList();
            return new PretrainPrepared(
                    config,
                    architecture,
                    type,
                    start,
                    source,
                    tokenizer,
                    template,
                    data,
                    units,
                    Units.all(held, settings.unitTokens),
                    settings.options(units.stepsPerEpoch()),
                    settings.pace.keepCheckpoints(),
                    new RunRecord.Seeds(settings.pace.initialisation(), settings.pace.data()),
                    settings.threads.count());
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    private static List<Example> train(List<TrainingData> data) {
        return data.stream().flatMap(each -> each.train().list().stream()).toList();
    }

    /** What the run asks of the machine. */
    MemoryPlan memory() {
        Workload.Cut cut = Prepared.cut(train(data), units, options, threads);
        return MemoryPlan.of(Workload.whole(architecture.config(), type, cut));
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
