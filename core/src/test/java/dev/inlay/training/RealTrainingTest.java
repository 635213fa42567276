package dev.inlay.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.Initialisation;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Parts;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.LinearSite;
import dev.inlay.model.Site;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.testing.SharedData;
import dev.inlay.training.data.Batch;
import dev.inlay.training.data.DataSource;
import dev.inlay.training.data.Dataset;
import dev.inlay.training.data.Encoder;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Examples;
import dev.inlay.training.data.Limit;
import dev.inlay.training.data.LossOn;
import dev.inlay.training.data.Overflow;
import dev.inlay.training.data.RowReader;
import dev.inlay.training.data.Split;
import dev.inlay.training.data.Unit;
import dev.inlay.training.data.Units;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A model of children's stories learns from an encyclopaedia. */
@Tag("data")
class RealTrainingTest {
    @Test
    void heldOutLossFallsClearlyBelowTheBases() {
        Path model = SharedData.require("stories260K/hf");
        Path data = SharedData.require("tinystories-1000/wikitext_1000.json");
        try (Scope scope = Scope.open();
                Decoder decoder = Decoder.load(model, Device.CPU);
                Tokenizer tokenizer = Tokenizer.load(model);
                Workers workers = Workers.of(2)) {
            Split.Parts parts = new Split(0.1, 7).of(read(data));
            Encoder encoder = Encoder.plain(tokenizer, LossOn.COMPLETION);
            Limit limit = new Limit(decoder.config().contextLength(), Overflow.SPLIT);
            List<Example> train = Examples.of(parts.train(), encoder, limit).list();
            List<Unit> heldOut =
                    Units.all(Examples.of(parts.evaluation(), encoder, limit).list(), 1024);

            Evaluation evaluation = new Evaluation(decoder, workers);
            double base = evaluation.of(heldOut, List.of()).loss();
            try (Parameters parameters = Parameters.of(Parts.of(fresh(decoder, 8, 2)));
                    Trainer trainer = new Trainer(decoder, parameters, options(60), workers)) {
                double untouched = evaluation.of(heldOut, parameters.parts()).loss();
                assertThat(untouched).as("a new adapter changes nothing").isEqualTo(base);
                trainer.fit(new Units(train, Batch.rows(8), 1024, 3), heldOut, new TrainingListener() {});
                assertThat(trainer.progress().bestLoss()).isLessThan(base - 0.5);
                assertThat(evaluation.of(heldOut, List.of()).loss())
                        .as("the base is not changed")
                        .isEqualTo(base);
            }
        }
    }

    private static Dataset read(Path data) {
        return DataSource.read(data, new RowReader()).train();
    }

    private static Adapter fresh(Decoder decoder, int rank, double scale) {
        Map<Site, LowRank> factors = new TreeMap<>();
        for (LinearSite site : decoder.sites()) {
            if (!site.site().equals(Site.HEAD)) {
                factors.put(site.site(), Initialisation.UNIFORM.factors(site, rank, scale, 1));
            }
        }
        return Adapter.of(factors);
    }

    private static TrainingOptions options(int steps) {
        return new TrainingOptions(steps, 3e-3, 1, 6, AdamW.DEFAULT, 1, 0.05, 5, 20, 0, 0, TrainingOptions.Memory.KEEP);
    }
}
