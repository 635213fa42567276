package dev.inlay.app.cli;

import dev.inlay.training.data.DataSource;
import dev.inlay.training.data.Dataset;
import dev.inlay.training.data.Encoder;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Examples;
import dev.inlay.training.data.FileStamp;
import dev.inlay.training.data.Limit;
import dev.inlay.training.data.RowReader;
import dev.inlay.training.data.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The examples of a run.
 *
 * @param held examples to evaluate on, if any
 * @param files what was read
 */
record TrainingData(Examples train, Optional<Examples> held, List<FileStamp> files) {
    private static final double USUAL_SHARE = 0.05;
    private static final int FEW_ROWS = 20;
    /** Of the rows, how many may teach nothing before the data are refused. */
    private static final double UNUSABLE = 0.5;

    static TrainingData read(TrainOptions settings, Encoder encoder, Limit limit) {
        RowReader reader = new RowReader();
        DataSource source = DataSource.read(settings.data.data, reader);
        List<FileStamp> files = new ArrayList<>(source.files());
        Dataset train = source.train();
        Optional<Dataset> held = source.validation();
        if (settings.valid != null) {
            DataSource valid = DataSource.read(settings.valid, reader);
            held = Optional.of(valid.train());
            files.addAll(valid.files());
        } else if (held.isEmpty() && share(settings, train.size()) > 0) {
            Split.Parts parts = new Split(share(settings, train.size()), settings.schedule.data()).of(train);
            train = parts.train();
            held = Optional.of(parts.evaluation());
        }
        Examples examples = Examples.of(train, encoder, limit);
        examples.report().requireUsable(UNUSABLE);
        Optional<Examples> evaluated = held.map(rows -> Examples.of(rows, encoder, limit));
        evaluated.map(Examples::report).ifPresent(report -> report.requireUsable(UNUSABLE));
        return new TrainingData(examples, evaluated, files);
    }

    private static double share(TrainOptions settings, int rows) {
        double usual = rows < FEW_ROWS ? 0 : USUAL_SHARE;
        return settings.evalShare == null ? usual : settings.evalShare;
    }

    List<Example> validation() {
        return held.map(Examples::list).orElse(List.of());
    }
}
