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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

    /**
     * Where rows come from.
     *
     * @param data a file or a directory
     * @param valid rows to evaluate on, or null for those of the directory, or else a share
     * @param share of the rows set aside where there are no others; null for the usual one
     * @param seed decides which
     */
    record Source(Path data, @Nullable Path valid, @Nullable Double share, long seed) {
        double share(int rows) {
            double usual = rows < FEW_ROWS ? 0 : USUAL_SHARE;
            return share == null ? usual : share;
        }
    }

    static TrainingData read(Source source, Encoder encoder, Limit limit) {
        RowReader reader = new RowReader();
        DataSource read = DataSource.read(source.data(), reader);
        List<FileStamp> files = new ArrayList<>(read.files());
        Dataset train = read.train();
        Optional<Dataset> held = read.validation();
        double share = source.share(train.size());
        if (source.valid() != null) {
            DataSource valid = DataSource.read(source.valid(), reader);
            held = Optional.of(valid.train());
            files.addAll(valid.files());
        } else if (held.isEmpty() && share > 0) {
            Split.Parts parts = new Split(share, source.seed()).of(train);
            train = parts.train();
            held = Optional.of(parts.evaluation());
        }
        Examples examples = Examples.of(train, encoder, limit);
        examples.report().requireUsable(UNUSABLE);
        Optional<Examples> evaluated = held.map(rows -> Examples.of(rows, encoder, limit));
        evaluated.map(Examples::report).ifPresent(report -> report.requireUsable(UNUSABLE));
        return new TrainingData(examples, evaluated, files);
    }

    List<Example> validation() {
        return held.map(Examples::list).orElse(List.of());
    }
}
